package io.granary.node.migrate;

import io.granary.gossip.ClusterView;
import io.granary.node.Clock;
import io.granary.node.config.BooleanSetting;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.dispatch.UnaskedRemovals;
import io.granary.node.dispatch.UnitLog;
import io.granary.node.fault.Faults;
import io.granary.node.replication.replicas.Replicas;
import io.granary.slots.keyspace.Keyspace;
import java.util.function.Supplier;

/**
 * What transfers need of the node.
 *
 * @param log where replicas read that keys have gone
 * @param removals writes into the log what is removed; used by one thread at a time
 * @param view the cluster as of now, null where there is none
 * @param packs {@code rdbcompression}
 */
public record TransferServices(
        Keyspace keyspace, NodeCondition condition, PauseBarrier barrier, UnitLog log, UnaskedRemovals removals,
        Replicas replicas, Supplier<ClusterView> view, BooleanSetting packs, Clock clock, Faults faults) {}
