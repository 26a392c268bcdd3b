package io.granary.node.migration;

import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.client.BlockedClient;
import io.granary.node.client.ClientSession;
import io.granary.node.cluster.ClusterServices;
import io.granary.node.dispatch.NodeCall;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Errors;
import java.util.List;

/**
 * CLUSTER SYNCSLOTS: what the nodes of a move say to each other, and a primary to its replicas.
 *
 * <pre>
 * SUPPORTS                                                      to the target: does it know these requests
 * BEGIN SOURCE id NAME job SLOTSRANGE a b ...                   to the target: the data follows on this connection
 * USED key unit n, SYNC n, END job                              in that stream, see {@link Import}
 * COMMIT SOURCE id NAME job EPOCH e SLOTSRANGE a b ...          to whoever leads the target's shard: the slots are granted
 * STATUS NAME job                                               to the source: UNKNOWN, RUNNING or GRANTED
 * IMPORT NAME job SLOTSRANGE a b ..., IMPORTED NAME job         to replicas of the target, in the history
 * </pre>
 *
 * The names are Valkey's where it has them; what is said is not, and the two do not mix.
 */
final class SyncSlots {

    private final ClusterServices cluster;
    private final SlotMigrations migrations;

    SyncSlots(ClusterServices cluster, SlotMigrations migrations) {
        this.cluster = cluster;
        this.migrations = migrations;
    }

    void run(NodeCall call) {
        Request request = call.request();
        if (request.is(2, "SUPPORTS")) {
            call.reply().ok();
        } else if (request.is(2, "BEGIN")) {
            begin(call, Words.of(request));
        } else if (request.is(2, "COMMIT")) {
            commit(call, Words.of(request));
        } else if (request.is(2, "STATUS")) {
            call.reply().status(migrations.status(Words.of(request).name()));
        } else if (request.is(2, "IMPORT") && call.session().ofPrimary()) {
            Words words = Words.of(request);
            migrations.imported().track(words.name(), words.slots());
            call.reply().ok();
        } else if (request.is(2, "IMPORTED") && call.session().ofPrimary()) {
            migrations.imported().untrack(Words.of(request).name());
            call.reply().ok();
        } else {
            throw Errors.err("CLUSTER SYNCSLOTS " + request.toText(2) + " is not supported");
        }
    }

    private void begin(NodeCall call, Words words) {
        MigrationCommands.requirePrimary(cluster.view());
        if (call.inTransaction()) {
            throw Errors.err("Command not allowed inside a transaction");
        }
        MigrationJob.Plan plan = words.plan(migrations.steps().myself());
        NodeView source = cluster.view().node(plan.source());
        if (source == null) {
            throw Errors.err("Target node does not know the source node");
        }
        if (source == cluster.view().myself()) {
            throw Errors.err("Source node is target node itself");
        }
        if (migrations.steps().owner(plan.slots()) != source) {
            throw Errors.err("Target node does not agree about current slot ownership");
        }
        Beginning beginning = new Beginning(call.session());
        beginning.client = call.session().suspension().block(0, beginning);
        migrations.workers().run(() -> beginning.prepare(plan));
    }

    /** A client that will turn into a stream when this node is ready for it. */
    private final class Beginning implements BlockedClient.Ending {

        private final ClientSession session;
        private volatile BlockedClient client;

        Beginning(ClientSession session) {
            this.session = session;
        }

        private void prepare(MigrationJob.Plan plan) {
            Import added = migrations.addSoon(plan);
            String error = added == null
                    ? "ERR Slot is already being imported on the target by a different migration" : added.prepare();
            if (error != null) {
                client.answer(reply -> reply.error(error));
                return;
            }
            boolean answered = client.answer(reply -> {
                if (added.receive(session)) {
                    reply.ok();
                } else {
                    reply.error("ERR " + added.job().message());
                }
            });
            if (!answered) {
                added.fail("Connection lost to source");
            }
        }

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
        }

        @Override
        public void ended() {
            // what was begun finds no connection, and ends
        }
    }

    private void commit(NodeCall call, Words words) {
        MigrationJob.Plan plan = words.plan(migrations.steps().myself());
        long epoch = words.epoch();
        Later.answer(call, migrations.handOvers(), () -> migrations.claim(plan, epoch));
    }

    /** The words behind a subcommand, in any order. */
    private record Words(String source, String name, long epoch, SlotSet slots) {

        static Words of(Request request) {
            String source = null;
            String name = null;
            long epoch = -1;
            SlotSet slots = null;
            for (int i = 3; i < request.count(); i++) {
                if (i + 1 == request.count()) {
                    throw Errors.SYNTAX;
                } else if (request.is(i, "SOURCE")) {
                    source = id(request, ++i);
                } else if (request.is(i, "NAME")) {
                    name = id(request, ++i);
                } else if (request.is(i, "EPOCH")) {
                    epoch = Arguments.integer(request, ++i);
                } else if (request.is(i, "SLOTSRANGE")) {
                    List<SlotRange> ranges = MigrateSlots.ranges(request, i + 1);
                    slots = SlotSet.of(ranges);
                    i += 2 * ranges.size();
                } else {
                    throw Errors.SYNTAX;
                }
            }
            return new Words(source, require(name), epoch, slots);
        }

        private static String id(Request request, int argument) {
            String id = request.toText(argument);
            if (!NodeId.isValid(id)) {
                throw Errors.SYNTAX;
            }
            return id;
        }

        private static String require(String word) {
            if (word == null) {
                throw Errors.SYNTAX;
            }
            return word;
        }

        MigrationJob.Plan plan(NodeId target) {
            if (slots == null) {
                throw Errors.SYNTAX;
            }
            return new MigrationJob.Plan(name, slots, new NodeId(require(source)), target);
        }
    }
}
