package io.granary.tools.move;

import io.granary.resp.Frame;
import io.granary.resp.Frame.ErrorFrame;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.OpenSlot;
import io.granary.tools.cluster.StopSign;
import io.granary.tools.cluster.Survey;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Moves that an earlier run left half done, because it was interrupted or a node failed.
 *
 * <p>A migration goes on without whoever started it: it is waited for. A slot that is open the classic way has an owner,
 * which is who serves it, and perhaps keys at the node that was to have it. If so, or if both ends still mean to move it,
 * the rest of the keys follows them; else nothing is on the way, and the slot is closed where it is open.
 */
public final class Leftovers {

    private record Ends(NodeReport source, NodeReport target) {}

    private final Survey survey;
    private final Access access;
    private final MoveStyle style;
    private final Consumer<String> tell;
    private final Map<Ends, SlotSet> unfinished = new LinkedHashMap<>();
    private final Map<NodeReport, SlotSet> pointless = new LinkedHashMap<>();

    /** @param tell is told what is done, a line each */
    public Leftovers(Survey survey, Access access, MoveStyle style, Consumer<String> tell) {
        this.survey = survey;
        this.access = access;
        this.style = style;
        this.tell = tell;
    }

    /** Waits for migrations that run; the survey is out of date afterwards, whether it saw them or not. */
    public void awaitMigrations() throws IOException {
        for (NodeReport primary : survey.primaries()) {
            awaitMigrations(primary);
        }
    }

    /** Finishes or closes open slots. Returns whether there were any; then the survey is out of date. */
    public boolean settle() throws IOException {
        for (NodeReport primary : survey.primaries()) {
            for (OpenSlot open : primary.self().open()) {
                judge(primary, open);
            }
        }
        putBack();
        finish();
        return !unfinished.isEmpty() || !pointless.isEmpty();
    }

    private void awaitMigrations(NodeReport source) throws IOException {
        try (Connection connection = Connection.open(source.address(), access)) {
            for (MigrationJob job : MigrationJob.of(connection)) {
                if (job.isExport() && job.isRunning()) {
                    tell.accept("A move of " + count(job.slots()) + " from " + source.address() + " to "
                            + name(job.targetId()) + " is still running: waiting for it");
                    MigrationJob ended = new Migrations(access, SlotCosts.equal(), new Progress(0, 0), new StopSign())
                            .await(connection, job.name());
                    tell.accept(ended.hasSucceeded() ? "It is done" : "It was rolled back (" + ended.outcome() + ")");
                }
            }
        } catch (ErrorReply _) {
            // A node without such migrations.
        }
    }

    private String name(String id) {
        return survey.find(id).map(report -> report.address().toString()).orElse(id);
    }

    private void judge(NodeReport node, OpenSlot open) throws IOException {
        Optional<NodeReport> owner = survey.primaries().stream().filter(each -> each.slots().contains(open.slot()))
                .max(Comparator.comparingLong(each -> each.self().configEpoch()));
        if (owner.isEmpty()) {
            throw new IOException("slot " + open.slot() + " is open at " + node.address()
                    + " and nobody owns it; granary fix can mend that");
        }
        NodeReport source = owner.get();
        Optional<NodeReport> target = open.importing() ? Optional.of(node) : survey.find(open.peerId());
        boolean sensible = target.isPresent() && target.get().isPrimary() && target.get() != source
                && (open.importing() || node == source);
        if (sensible && (bothMeanIt(source, target.get(), open.slot()) || keysOf(target.get(), open.slot()) > 0)) {
            unfinished.computeIfAbsent(new Ends(source, target.get()), _ -> new SlotSet()).add(open.slot());
        } else {
            pointless.computeIfAbsent(node, _ -> new SlotSet()).add(open.slot());
        }
    }

    private static boolean bothMeanIt(NodeReport source, NodeReport target, int slot) {
        return source.self().open().contains(new OpenSlot(slot, false, target.id()))
                && target.self().open().contains(new OpenSlot(slot, true, source.id()));
    }

    private long keysOf(NodeReport node, int slot) throws IOException {
        try (Connection connection = Connection.open(node.address(), access)) {
            return Long.parseLong(connection.text("CLUSTER", "COUNTKEYSINSLOT", slot));
        }
    }

    private void putBack() throws IOException {
        for (Map.Entry<NodeReport, SlotSet> each : pointless.entrySet()) {
            tell.accept("Closing " + count(each.getValue()) + " at " + each.getKey().address()
                    + ", left open with nothing on the way");
            List<Object[]> commands = new ArrayList<>();
            each.getValue().forEach(slot -> commands.add(new Object[] {"CLUSTER", "SETSLOT", slot, "STABLE"}));
            try (Connection connection = Connection.open(each.getKey().address(), access)) {
                for (Frame reply : connection.callAll(commands)) {
                    if (reply instanceof ErrorFrame(String message)) {
                        throw new IOException("node " + each.getKey().address() + " refuses CLUSTER SETSLOT: " + message);
                    }
                }
            }
        }
    }

    private void finish() throws IOException {
        for (Map.Entry<Ends, SlotSet> each : unfinished.entrySet()) {
            Ends ends = each.getKey();
            tell.accept("Finishing the interrupted move of " + count(each.getValue()) + " from " + ends.source().address()
                    + " to " + ends.target().address());
            new KeyByKey(access, style, survey, SlotCosts.equal(), new Progress(0, 0), new StopSign())
                    .move(ends.source(), ends.target(), each.getValue());
        }
    }

    private static String count(SlotSet slots) {
        return slots.size() == 1 ? "slot " + slots.next(0) : slots.size() + " slots";
    }
}
