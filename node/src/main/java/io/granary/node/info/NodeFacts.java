package io.granary.node.info;

/**
 * What is true of a node from its start to its end.
 *
 * @param runId 40 hexadecimal digits, new at every start
 * @param replicationId likewise: names the history of writes
 * @param startedMs unix time
 * @param executable what was started; empty when this node is a part of another program
 * @param configFile empty when there is none
 */
public record NodeFacts(
        String runId, String replicationId, long startedMs, long processId, String executable, String configFile,
        boolean clustered, String multiplexing) {}
