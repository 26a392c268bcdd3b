package io.granary.node.cluster;

import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeView;
import io.granary.node.metrics.SlotStatistics;
import io.granary.resp.ReplyWriter;
import io.granary.slots.Slot;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * CLUSTER SLOT-STATS: what each slot of this shard holds and costs, as in Valkey 8 and Redis 8.2, and the bytes it takes in
 * memory besides. The counts are of this node's own commands, since the slot came here.
 */
public final class SlotStatsCommand {

    private static final CommandException BAD_LIMIT =
            Errors.err("Limit has to lie in between 1 and 16384 (maximum number of slots).");

    private final ClusterServices cluster;
    private final Keyspace keyspace;
    private final Supplier<SlotStatistics> statistics;
    private final List<Metric> metrics;
    private ClusterView seen;

    /** A figure of each slot. */
    private record Metric(String name, IntToLongFunction of) {}

    /** @param statistics asked for when the command runs */
    public SlotStatsCommand(ClusterServices cluster, Keyspace keyspace, Supplier<SlotStatistics> statistics) {
        this.cluster = cluster;
        this.keyspace = keyspace;
        this.statistics = statistics;
        metrics = List.of(
                new Metric("key-count", this::keys),
                new Metric("cpu-usec", slot -> statistics.get().micros(slot)),
                new Metric("network-bytes-in", slot -> statistics.get().bytesIn(slot)),
                new Metric("network-bytes-out", slot -> statistics.get().bytesOut(slot)),
                new Metric("memory-bytes", this::bytes));
    }

    public List<Command<SlotCall>> table() {
        return Command.family(Group.CLUSTER, Command.of("CLUSTER SLOT-STATS",
                        "<SLOTSRANGE start-slot end-slot | ORDERBY metric [LIMIT limit] [ASC | DESC]>",
                        cluster.inCluster(this::slotStats))
                .arity(-4)
                .doc("8.0.0", "O(N) where N is the total number of slots based on arguments. O(N*log(N)) with ORDERBY.",
                        "Returns what each slot of this node's shard holds and costs.")
                .flags(STALE, LOADING)
                .tips("nondeterministic_output", "request_policy:all_shards"));
    }

    private long keys(int slot) {
        SlotStore store = keyspace.storeIfPresent(0, slot);
        return store == null ? 0 : store.size();
    }

    private long bytes(int slot) {
        SlotStore store = keyspace.storeIfPresent(0, slot);
        return store == null ? 0 : store.bytes();
    }

    private void slotStats(SlotCall call) {
        ClusterView view = look();
        if (call.argc() == 5 && call.is(2, "SLOTSRANGE")) {
            int first = slot(call, 3);
            int last = slot(call, 4);
            if (first > last) {
                throw Errors.err("Start slot number " + first + " is greater than end slot number " + last);
            }
            reply(call.reply(), IntStream.rangeClosed(first, last).filter(slot -> isOurs(view, slot)).toArray());
        } else if (call.argc() >= 4 && call.is(2, "ORDERBY")) {
            reply(call.reply(), ordered(call, view));
        } else {
            throw Errors.subcommandSyntax(call.request());
        }
    }

    private static int slot(SlotCall call, int argument) {
        long slot = Arguments.integer(call.request(), argument, ClusterSlotsCommands.INVALID_SLOT);
        if (!Slot.isValid(slot)) {
            throw ClusterSlotsCommands.INVALID_SLOT;
        }
        return (int) slot;
    }

    private int[] ordered(SlotCall call, ClusterView view) {
        String name = call.request().toText(3);
        Metric metric = metrics.stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> Errors.err("Unrecognized sort metric for ORDERBY."));
        long limit = Slot.COUNT;
        boolean descending = true;
        int limits = 0;
        int orders = 0;
        for (int i = 4; i < call.argc(); i++) {
            if (call.is(i, "LIMIT") && i + 1 < call.argc()) {
                limit = limit(call, ++i);
                limits++;
            } else if (call.is(i, "ASC") || call.is(i, "DESC")) {
                descending = call.is(i, "DESC");
                orders++;
            } else {
                throw Errors.SYNTAX;
            }
            if (limits > 1 || orders > 1) {
                throw Errors.err("Multiple filters of the same type are disallowed.");
            }
        }
        return ordered(view, metric, descending, limit);
    }

    private static long limit(SlotCall call, int argument) {
        long limit = Arguments.integer(call.request(), argument, BAD_LIMIT);
        if (limit < 1 || limit > Slot.COUNT) {
            throw BAD_LIMIT;
        }
        return limit;
    }

    /** Sorted by figures that are read once: they change all the time. Slots of one figure stay in their order. */
    private static int[] ordered(ClusterView view, Metric metric, boolean descending, long limit) {
        record Figure(int slot, long value) {}

        Comparator<Figure> byValue = Comparator.comparingLong(Figure::value);
        return IntStream.range(0, Slot.COUNT).filter(slot -> isOurs(view, slot))
                .mapToObj(slot -> new Figure(slot, metric.of().applyAsLong(slot)))
                .sorted(descending ? byValue.reversed() : byValue)
                .limit(limit).mapToInt(Figure::slot).toArray();
    }

    private void reply(ReplyWriter reply, int[] slots) {
        reply.array(slots.length);
        for (int slot : slots) {
            reply.array(2);
            reply.integer(slot);
            reply.map(metrics.size());
            for (Metric metric : metrics) {
                reply.bulk(metric.name());
                reply.integer(metric.of().applyAsLong(slot));
            }
        }
    }

    private static boolean isOurs(ClusterView view, int slot) {
        NodeView owner = view.owner(slot);
        return owner != null && (owner == view.myself() || owner.id().equals(view.myself().primary()));
    }

    /** Forgets the counts of slots that have come or gone since the last look; called now and then. */
    public synchronized ClusterView look() {
        ClusterView now = cluster.view();
        if (seen != now) {
            for (int slot = 0; seen != null && slot < Slot.COUNT; slot++) {
                if (isOurs(seen, slot) != isOurs(now, slot)) {
                    statistics.get().forget(slot);
                }
            }
            seen = now;
        }
        return now;
    }
}
