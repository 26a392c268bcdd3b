package io.granary.node.migration;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.node.client.ClientText;
import io.granary.node.cluster.ClusterServices;
import io.granary.node.dispatch.NodeCall;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Body;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import java.util.List;

/** The commands by which operators move slots, as in Valkey 9. */
final class MigrationCommands {

    private final ClusterServices cluster;
    private final SlotMigrations migrations;
    private final SyncSlots syncSlots;

    MigrationCommands(ClusterServices cluster, SlotMigrations migrations) {
        this.cluster = cluster;
        this.migrations = migrations;
        syncSlots = new SyncSlots(cluster, migrations);
    }

    List<Command<NodeCall>> table() {
        return Command.family(
                Group.CLUSTER,
                Command.of("CLUSTER MIGRATESLOTS",
                                "<SLOTSRANGE start-slot end-slot [start-slot end-slot ...] NODE node-id> ...",
                                inCluster(this::migrateSlots))
                        .arity(-4)
                        .doc("9.0.0", "O(N) where N is the total number of the slots between all start slot and end slot"
                                + " arguments.", "Moves slots of this node to other nodes, with all their data.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER GETSLOTMIGRATIONS", "", inCluster(this::getSlotMigrations))
                        .doc("9.0.0", "O(N), N jobs that are under way or remembered.",
                                "Tells of the moves of slots from and to this node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER CANCELSLOTMIGRATIONS", "", inCluster(this::cancelSlotMigrations))
                        .doc("9.0.0", "O(N), N jobs that are given up.", "Gives up all moves of slots from this node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER SYNCSLOTS", "subcommand:string [argument:string ...]", inCluster(syncSlots::run))
                        .doc("9.0.0", "Depends on the subcommand.", "What two nodes tell each other when slots move.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING));
    }

    private Body<NodeCall> inCluster(Body<NodeCall> body) {
        return call -> {
            if (!cluster.enabled()) {
                throw ClusterServices.DISABLED;
            }
            body.run(call);
        };
    }

    private void migrateSlots(NodeCall call) {
        requirePrimary(cluster.view());
        List<MigrateSlots.Group> groups = new MigrateSlots(call.request(), cluster.view(), migrations.jobs()).groups();
        String client = ClientText.of(call.session());
        Later.answer(call, migrations.workers(), () -> {
            String error = migrations.unsupported(groups);
            if (error == null) {
                migrations.begin(groups, client);
            }
            return error;
        });
    }

    /** What stands in the way of a move on either side. */
    static void requirePrimary(ClusterView view) {
        if (!view.myself().is(NodeFlag.PRIMARY)) {
            throw Errors.err("Slot migration can only be used on primary nodes.");
        }
        if (!view.importing().isEmpty()) {
            throw Errors.err("Slots are being manually imported");
        }
        if (!view.migrating().isEmpty()) {
            throw Errors.err("Slots are being manually migrated");
        }
    }

    private void cancelSlotMigrations(NodeCall call) {
        if (!migrations.cancel(ClientText.of(call.session()))) {
            throw Errors.err("No migrations ongoing");
        }
        call.reply().ok();
    }

    private void getSlotMigrations(NodeCall call) {
        List<MigrationJob> jobs = migrations.jobs().all();
        call.reply().array(jobs.size());
        jobs.forEach(job -> reply(call.reply(), job));
    }

    private static void reply(ReplyWriter reply, MigrationJob job) {
        boolean export = job.operation() == MigrationJob.Operation.EXPORT;
        reply.map(export ? 12 : 11);
        text(reply, "name", job.name());
        text(reply, "operation", job.operation().name());
        text(reply, "slot_ranges", job.ranges());
        text(reply, "target_node", job.plan().target().hex());
        text(reply, "source_node", job.plan().source().hex());
        number(reply, "create_time", job.createdMs() / 1000);
        number(reply, "last_update_time", job.updatedMs() / 1000);
        number(reply, "last_ack_time", job.heardMs() / 1000);
        text(reply, "state", job.state().text());
        text(reply, "message", job.message());
        number(reply, "cow_size", job.copiedBytes());
        if (export) {
            number(reply, "remaining_repl_size", job.waitingBytes());
        }
    }

    private static void text(ReplyWriter reply, String name, String value) {
        reply.bulk(name);
        reply.bulk(value);
    }

    private static void number(ReplyWriter reply, String name, long value) {
        reply.bulk(name);
        reply.integer(value);
    }

}
