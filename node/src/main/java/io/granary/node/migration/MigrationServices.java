package io.granary.node.migration;

import io.granary.node.Clock;
import io.granary.node.cluster.ClusterServices;
import io.granary.node.cluster.LostSlots;
import io.granary.node.client.PrimaryConnector;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.MemoryGuard;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.dispatch.Propagation;
import io.granary.node.fault.Faults;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.replicas.Replicas;
import io.granary.node.snapshot.Snapshots;
import io.granary.slots.keyspace.Keyspace;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Supplier;

/**
 * What moves of slots need of the node.
 *
 * @param cluster its machine, and the view of it
 * @param ids random names for jobs, 40 hexadecimal digits each
 * @param allocator asked for when a move begins
 * @param connector takes over the connections on which moves come in
 */
public record MigrationServices(
        ClusterServices cluster, LostSlots lostSlots, Keyspace keyspace, Propagation propagation, Snapshots snapshots,
        Replicas replicas, NodeCondition condition, PauseBarrier barrier, MemoryGuard memory, PrimaryConnector connector,
        Supplier<ByteBufAllocator> allocator, Supplier<String> ids, Faults faults, Clock clock, NodeLog log,
        Configuration configuration) {}
