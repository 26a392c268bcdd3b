package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.OperatorRequest.FailoverKind;
import io.granary.gossip.Output;
import io.granary.gossip.ReplicaSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A story of a cluster as a text: lines that say what happens, each followed by what comes of it, indented. Running the
 * story writes it anew; it has come true if the text is the same.
 *
 * <pre>
 * start 3 timeout 2000       nodes with a node timeout in milliseconds
 * form                       every node gets its share of the slots, the first meets the others
 * form 3 primaries           only the first ones do; the others become their replicas in turn
 * agree 10s                  lets time pass until all agree, at most so much
 * run 5s                     lets time pass
 * 1 meet 2                   a CLUSTER command on a node; other nodes are named by their numbers
 * 4 replicate 1 / 4 failover / 4 failover force / 4 failover takeover
 * set 4 validity-factor 0    a directive of replicas, cluster-replica-... and cluster-... left out
 * write 1 100                so many writes of clients that go to a node
 * behind 4 / in-step 4       a replica gets nothing of its primary's writes / gets them again
 * data 4                     how many writes a node has
 * show 1                     what a node knows: the cluster, and a line for each node
 * cut 1 2 / partition 1 2 from 3 / heal
 * kill 1 / poweroff 1 / pause 1 / resume 1 / start-again 1 / disk-full 1 / disk-empty 1
 * </pre>
 *
 * Log lines of the nodes are part of what comes of a line. Names of nodes stand for their ids.
 */
final class Scenario {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{40}");

    private final Simulation simulation = new Simulation(1);
    private final StringBuilder told = new StringBuilder();
    private long lastWrite;

    private Scenario() {
        simulation.onLog((node, text) -> told(node + ": " + text));
    }

    /** Runs the story and returns it as it came out. */
    static String run(List<String> lines) {
        Scenario scenario = new Scenario();
        for (String line : lines) {
            if (!line.startsWith("  ")) {
                scenario.told.append(line).append('\n');
                if (!line.isEmpty() && !line.startsWith("#")) {
                    scenario.happens(List.of(line.trim().split(" +")));
                }
            }
        }
        return scenario.told.toString();
    }

    private void told(String text) {
        String named = ID.matcher(text).replaceAll(match -> Matcher.quoteReplacement(nameOf(match.group())));
        told.append("  ").append(named).append('\n');
    }

    private String nameOf(String id) {
        return simulation.nodes().stream()
                .filter(node -> SimulatedNode.idOf(node.number()).hex().equals(id))
                .map(SimulatedNode::toString)
                .findFirst()
                .orElse("n?");
    }

    private void happens(List<String> words) {
        String verb = words.getFirst();
        switch (verb) {
            case "start" -> simulation.start(Integer.parseInt(words.get(1)), Long.parseLong(words.get(3)));
            case "form" -> form(words);
            case "set" -> set(node(words.get(1)), words.get(2), words.get(3));
            case "write" -> write(node(words.get(1)), Integer.parseInt(words.get(2)));
            case "data" -> {
                SimulatedNode node = node(words.get(1));
                told(node + " has " + node.replication().writes().size() + " writes");
            }
            case "agree" -> agree(millis(words.get(1)));
            case "run" -> simulation.run(millis(words.get(1)));
            case "show" -> show(node(words.get(1)));
            case "heal" -> simulation.network().heal();
            case "cut" -> simulation.network().cut(node(words.get(1)), node(words.get(2)));
            case "partition" -> {
                int from = words.indexOf("from");
                simulation.network().partition(
                        nodes(words.subList(1, from)), nodes(words.subList(from + 1, words.size())));
            }
            default -> {
                if (Character.isDigit(verb.charAt(0))) {
                    asks(node(verb), words.subList(1, words.size()));
                } else {
                    befalls(verb, node(words.get(1)));
                }
            }
        }
    }

    private void form(List<String> words) {
        if (words.size() == 1) {
            simulation.form();
        } else {
            simulation.formShards(Integer.parseInt(words.get(1)));
        }
    }

    private void write(SimulatedNode node, int count) {
        for (int i = 0; i < count; i++) {
            if (!node.replication().isWritable()) {
                told("(error) " + node + " takes no writes");
                return;
            }
            node.replication().write(++lastWrite);
        }
    }

    private static void set(SimulatedNode node, String directive, String value) {
        ReplicaSettings old = node.settings().replicas();
        ReplicaSettings changed = switch (directive) {
            case "validity-factor" -> new ReplicaSettings(
                    Long.parseLong(value), old.noFailover(), old.migrationBarrier(), old.allowMigration(), 0);
            case "no-failover" -> new ReplicaSettings(
                    old.validityFactor(), value.equals("yes"), old.migrationBarrier(), old.allowMigration(), 0);
            case "migration-barrier" -> new ReplicaSettings(
                    old.validityFactor(), old.noFailover(), Integer.parseInt(value), old.allowMigration(), 0);
            case "allow-replica-migration" -> new ReplicaSettings(
                    old.validityFactor(), old.noFailover(), old.migrationBarrier(), value.equals("yes"), 0);
            default -> throw new IllegalArgumentException("no such directive: " + directive);
        };
        node.reconfigure(node.settings().withReplicas(changed));
    }

    private void befalls(String verb, SimulatedNode node) {
        switch (verb) {
            case "kill" -> node.kill(false);
            case "poweroff" -> node.kill(true);
            case "pause" -> node.pause();
            case "resume" -> node.resume();
            case "start-again" -> node.start();
            case "behind" -> node.replication().stuck(true);
            case "in-step" -> node.replication().stuck(false);
            case "disk-full" -> node.disk().full(true);
            case "disk-empty" -> node.disk().full(false);
            default -> throw new IllegalArgumentException("no such event: " + verb);
        }
    }

    private void agree(long limitMs) {
        long before = simulation.elapsedMs();
        if (simulation.runUntilAgreed(limitMs)) {
            told("agreed within " + (simulation.elapsedMs() - before + 999) / 1000 + " s");
        } else {
            told("no agreement: " + simulation.disagreement());
        }
    }

    private void asks(SimulatedNode node, List<String> words) {
        Output.Answer answer = simulation.ask(node, request(words));
        told(answer == null ? "(no answer)" : answer.error() == null ? answer.text() : "(error) " + answer.error());
    }

    private OperatorRequest request(List<String> words) {
        return switch (words.getFirst()) {
            case "meet" -> {
                SimulatedNode other = node(words.get(1));
                yield new OperatorRequest.Meet(other.ip(), other.port(), other.busPort());
            }
            case "addslots" -> new OperatorRequest.AddSlots(slots(words.subList(1, words.size())));
            case "delslots" -> new OperatorRequest.DelSlots(slots(words.subList(1, words.size())));
            case "forget" -> new OperatorRequest.Forget(id(words.get(1)));
            case "bumpepoch" -> new OperatorRequest.BumpEpoch();
            case "set-config-epoch" -> new OperatorRequest.SetConfigEpoch(Long.parseLong(words.get(1)));
            case "reset" -> new OperatorRequest.Reset(words.get(1).equals("hard"));
            case "saveconfig" -> new OperatorRequest.SaveConfig();
            case "count-failure-reports" -> new OperatorRequest.CountFailureReports(id(words.get(1)));
            case "replicate" -> new OperatorRequest.Replicate(id(words.get(1)), false);
            case "failover" -> new OperatorRequest.Failover(
                    words.size() == 1 ? FailoverKind.AGREED : FailoverKind.valueOf(words.get(1).toUpperCase(Locale.ROOT)));
            case "setslot" -> setSlot(Integer.parseInt(words.get(1)), words.subList(2, words.size()));
            default -> throw new IllegalArgumentException("no such request: " + words);
        };
    }

    private OperatorRequest setSlot(int slot, List<String> words) {
        return switch (words.getFirst()) {
            case "stable" -> new OperatorRequest.SetSlotStable(slot);
            case "migrating" -> new OperatorRequest.SetSlotMigrating(slot, id(words.get(1)));
            case "importing" -> new OperatorRequest.SetSlotImporting(slot, id(words.get(1)));
            case "node" -> new OperatorRequest.SetSlotNode(slot, id(words.get(1)), false);
            default -> throw new IllegalArgumentException("no such state of a slot: " + words);
        };
    }

    private static int[] slots(List<String> ranges) {
        return ranges.stream()
                .flatMapToInt(range -> {
                    String[] ends = range.split("-");
                    return IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
                })
                .toArray();
    }

    private void show(SimulatedNode node) {
        ClusterView view = node.view();
        told("cluster " + (view.ok() ? "ok" : "fail") + ", epoch " + view.currentEpoch() + ", size " + view.size());
        List<String> lines = new ArrayList<>();
        for (NodeView other : view.nodes()) {
            String flags = Stream.of(NodeFlag.values())
                    .filter(flag -> other.is(flag) && flag != NodeFlag.PRIMARY)
                    .map(NodeFlag::word)
                    .collect(Collectors.joining(","));
            lines.add(other.id() + (flags.isEmpty() ? "" : " " + flags)
                    + (other.primary() == null ? "" : " of " + other.primary()) + ", epoch " + other.configEpoch()
                    + (other.linked() || other.is(NodeFlag.MYSELF) ? "" : ", no link")
                    + ", " + slotsOf(view, other));
        }
        lines.stream().sorted().forEach(this::told);
    }

    private static String slotsOf(ClusterView view, NodeView node) {
        String slots = view.slotsOf(node).toString();
        return slots.isEmpty() ? "no slots" : "slots " + slots;
    }

    private SimulatedNode node(String number) {
        return simulation.node(Integer.parseInt(number));
    }

    private List<SimulatedNode> nodes(List<String> numbers) {
        return numbers.stream().map(this::node).toList();
    }

    private static String id(String number) {
        return SimulatedNode.idOf(Integer.parseInt(number)).hex();
    }

    private static long millis(String text) {
        return text.endsWith("ms")
                ? Long.parseLong(text.substring(0, text.length() - 2))
                : 1000 * Long.parseLong(text.substring(0, text.length() - 1));
    }
}
