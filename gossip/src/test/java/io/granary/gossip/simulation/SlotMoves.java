package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.HandOvers;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.gossip.SlotBitmap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The jobs that move slots: what the nodes do around their machines, in as many steps, each of which can be the last one of
 * a process. Nodes speak to each other on connections of their own, on which every question may be lost.
 */
final class SlotMoves implements Invariant {

    private static final long PAUSE_MS_MAX = 1000;
    private static final long COPY_MS_MAX = 800;
    private static final long ASK_AGAIN_MS = 60;
    private static final long ABANDONED_MS = 3000;

    /** One move, as its source sees it; it ends with the source's process. */
    private record Job(String id, List<Integer> slots, SimulatedNode source, int life, NodeId target) {
        SlotBitmap bitmap() {
            return SlotBitmap.of(slots.stream().mapToInt(Integer::intValue).toArray());
        }

        boolean isOver() {
            return source.incarnation() != life;
        }
    }

    private final Simulation simulation;
    private final SlotWrites writes;
    private final RandomGenerator random;
    private final Map<SimulatedNode, Job> running = new HashMap<>();
    private final Set<SimulatedNode> paused = new HashSet<>();
    private final Map<String, Long> touchedMs = new HashMap<>();
    private Consumer<SimulatedNode> ambush = _ -> { };
    private int begun;
    private int done;
    private int takenBack;

    SlotMoves(Simulation simulation, SlotWrites writes) {
        this.simulation = simulation;
        this.writes = writes;
        this.random = simulation.random();
        simulation.add(this);
    }

    /** Told before each step which node makes it. */
    void onStep(Consumer<SimulatedNode> listener) {
        ambush = listener;
    }

    int begun() {
        return begun;
    }

    int done() {
        return done;
    }

    int takenBack() {
        return takenBack;
    }

    /** Whether a job lets no write to the slot begin. */
    boolean isPaused(SimulatedNode node, int slot) {
        Job job = running.get(node);
        return paused.contains(node) && job != null && !job.isOver() && job.slots.contains(slot);
    }

    /** Whether a node has anything to do with a move. */
    boolean isBusy(SimulatedNode node) {
        Job job = running.get(node);
        return job != null && !job.isOver() || !node.view().handOvers().none();
    }

    /** An operator has one node give slots to another. */
    void begin(SimulatedNode source, SimulatedNode target, List<Integer> slots) {
        boolean able = source.fate() == SimulatedNode.Fate.RUNNING && !isBusy(source) && source != target
                && slots.stream().allMatch(slot -> source.view().isMine(slot));
        if (!able) {
            return;
        }
        String id = String.format("%040x", random.nextLong(Long.MAX_VALUE));
        Job job = new Job(id, slots, source, source.incarnation(), SimulatedNode.idOf(target.number()));
        running.put(source, job);
        begun++;
        prepare(job, target, epoch -> at(source, () -> pauseAndCopy(job, target)));
    }

    // ---- what goes between nodes ----

    /** Something happens on a node in a moment, in the life that it has now; never if that is over. */
    private void at(SimulatedNode node, Runnable step) {
        int life = node.incarnation();
        simulation.timeline().in(1 + random.nextLong(8), () -> {
            ambush.accept(node);
            node.act(() -> {
                if (node.incarnation() == life) {
                    step.run();
                }
            });
        });
    }

    private void across(SimulatedNode from, SimulatedNode to, Runnable step) {
        simulation.timeline().in(1 + random.nextLong(8), () -> {
            if (to.isAlive() && simulation.network().connects(from, to)) {
                at(to, step);
            }
        });
    }

    private void ask(SimulatedNode node, OperatorRequest request, Consumer<Output.Answer> answered) {
        if (node.fate() == SimulatedNode.Fate.RUNNING) {
            node.ask(request, answer -> {
                ambush.accept(node);
                node.act(() -> answered.accept(answer));
            });
        }
    }

    // ---- the source ----

    private void prepare(Job job, SimulatedNode target, Consumer<Long> next) {
        OperatorRequest request = new OperatorRequest.PrepareClaim(job.id, job.bitmap(), id(job.source));
        across(job.source, target, () -> {
            touchedMs.put(job.id, simulation.elapsedMs());
            ask(target, request, answer -> {
                if (answer.error() == null) {
                    next.accept(Long.parseLong(answer.text()));
                }
            });
        });
        giveUpLater(job, target);
    }

    /** A job that has come nowhere in a second fails, as long as nothing is granted. */
    private void giveUpLater(Job job, SimulatedNode target) {
        simulation.timeline().in(PAUSE_MS_MAX, () -> job.source.act(() -> {
            if (running.get(job.source) == job && !job.isOver() && !isGranting(job)) {
                fail(job, target);
            }
        }));
    }

    private boolean isGranting(Job job) {
        return granting.contains(job.id);
    }

    private final Set<String> granting = new HashSet<>();

    private void fail(Job job, SimulatedNode target) {
        running.remove(job.source);
        paused.remove(job.source);
        across(job.source, target, () -> purge(target, job.id));
    }

    private void pauseAndCopy(Job job, SimulatedNode target) {
        SimulatedNode source = job.source;
        if (running.get(source) != job || !source.replication().isPrimary()) {
            return;
        }
        paused.add(source);
        at(source, () -> {
            if (running.get(source) == job && source.replication().isPrimary()) {
                List<Long> data = new ArrayList<>();
                job.slots.forEach(slot -> data.addAll(writes.copy(source, slot)));
                across(source, target, () -> receive(job, target, data));
            }
        });
    }

    private void ready(Job job, SimulatedNode target, long epoch) {
        SimulatedNode source = job.source;
        boolean waiting = running.get(source) == job && !job.isOver() && paused.contains(source) && !isGranting(job);
        if (!waiting) {
            return;
        }
        granting.add(job.id);
        ask(source, new OperatorRequest.GrantSlots(job.id, job.bitmap(), job.target, epoch), answer -> {
            granting.remove(job.id);
            if (answer.error() == null) {
                running.remove(source);
                paused.remove(source);
                commit(source);
            } else {
                fail(job, target);
            }
        });
    }

    /** Asks whoever should have the slots what has become of them, until it is known. */
    private void commit(SimulatedNode source) {
        int life = source.incarnation();
        simulation.timeline().in(1 + random.nextLong(ASK_AGAIN_MS), () -> source.act(() -> {
            if (source.incarnation() == life && !source.view().handOvers().grants().isEmpty()) {
                HandOvers.Grant grant = source.view().handOvers().grants().getFirst();
                SimulatedNode asked = leaderOf(source, grant);
                if (asked != null && asked != source) {
                    commit(source, grant, asked);
                }
                commit(source);
            }
        }));
    }

    private void commit(SimulatedNode source, HandOvers.Grant grant, SimulatedNode asked) {
        OperatorRequest request =
                new OperatorRequest.ClaimSlots(grant.job(), grant.slots(), id(source), grant.epoch());
        int life = source.incarnation();
        across(source, asked, () -> ask(asked, request, answer -> across(asked, source, () -> {
            if (source.incarnation() != life) {
                return;
            }
            if (answer.error() == null) {
                done++;
                ask(source, new OperatorRequest.EndGrant(grant.job()), _ -> { });
            } else if (answer.error().startsWith(HandOvers.NO_CLAIM)) {
                takenBack++;
                ask(source, new OperatorRequest.RevokeGrant(grant.job()), _ -> { });
            }
        })));
    }

    private SimulatedNode leaderOf(SimulatedNode source, HandOvers.Grant grant) {
        ClusterView view = source.view();
        NodeView owner = view.owner(grant.slots().next(0));
        NodeView target = view.node(grant.target());
        NodeView leader = owner != null && owner != view.myself() ? owner : target;
        if (leader != null && leader.primary() != null) {
            leader = view.node(leader.primary());
        }
        for (SimulatedNode node : simulation.nodes()) {
            if (leader != null && id(node).equals(leader.id())) {
                return node;
            }
        }
        return null;
    }

    private static NodeId id(SimulatedNode node) {
        return SimulatedNode.idOf(node.number());
    }

    // ---- the target ----

    private void receive(Job job, SimulatedNode target, List<Long> data) {
        boolean known = target.view().handOvers().imports().stream()
                .anyMatch(each -> each.job().equals(job.id) && !each.stale());
        boolean mine = job.slots.stream().anyMatch(slot -> target.view().isMine(slot));
        if (known && !mine && target.replication().isPrimary()) {
            data.forEach(target.replication()::write);
            awaitReplicas(job, target, target.replication().writes().size() - 1, simulation.elapsedMs() + COPY_MS_MAX);
        }
    }

    private void awaitReplicas(Job job, SimulatedNode target, int index, long untilMs) {
        if (simulation.elapsedMs() > untilMs || !target.replication().isPrimary()
                || target.replication().writes().size() <= index) {
            return;
        }
        long last = target.replication().writes().get(index);
        boolean copied = target.view().replicasOf(id(target)).stream().allMatch(replica ->
                simulation.nodes().stream().anyMatch(node -> id(node).equals(replica.id())
                        && node.replication().has(index, last) && node.replication().follows(target)));
        if (copied) {
            OperatorRequest request = new OperatorRequest.PrepareClaim(job.id, job.bitmap(), id(job.source));
            ask(target, request, answer -> {
                if (answer.error() == null) {
                    across(target, job.source, () -> ready(job, target, Long.parseLong(answer.text())));
                }
            });
        } else {
            at(target, () -> awaitReplicas(job, target, index, untilMs));
        }
    }

    /** What has come of a job that failed goes. */
    private void purge(SimulatedNode target, String job) {
        for (HandOvers.Import each : target.view().handOvers().imports()) {
            if (each.job().equals(job)) {
                ask(target, new OperatorRequest.ForgetImport(job), answer -> {
                    if (answer.error() == null) {
                        drop(target, each.slots());
                    }
                });
            }
        }
    }

    private void drop(SimulatedNode node, SlotBitmap slots) {
        if (node.replication().isPrimary()) {
            slots.forEach(slot -> {
                if (!node.view().isMine(slot)) {
                    node.replication().write(writes.deletion(slot));
                }
            });
        }
    }

    /** Looks for what was left behind, on all nodes. */
    void sweep() {
        for (SimulatedNode node : simulation.nodes()) {
            if (node.fate() == SimulatedNode.Fate.RUNNING) {
                for (HandOvers.Import each : node.view().handOvers().imports()) {
                    sweep(node, each);
                }
            }
        }
        simulation.timeline().in(1000, this::sweep);
    }

    private void sweep(SimulatedNode node, HandOvers.Import each) {
        long untouchedMs = simulation.elapsedMs() - touchedMs.getOrDefault(each.job(), 0L);
        SimulatedNode source = simulation.nodes().stream()
                .filter(other -> id(other).equals(each.source())).findFirst().orElseThrow();
        if (each.stale()) {
            purge(node, each.job());
        } else if (untouchedMs > ABANDONED_MS) {
            across(node, source, () -> {
                Job job = running.get(source);
                boolean runs = job != null && !job.isOver() && job.id.equals(each.job());
                boolean granted = source.view().handOvers().grants().stream()
                        .anyMatch(grant -> grant.job().equals(each.job()));
                if (!runs && !granted) {
                    across(source, node, () -> purge(node, each.job()));
                }
            });
        }
    }

    // ---- what the machines say ----

    @Override
    public void does(SimulatedNode node, Output output, long nowMs) {
        if (output instanceof Output.DropKeys(int[] slots)) {
            drop(node, SlotBitmap.of(slots));
        }
    }

    @Override
    public void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {
        if (before == null) {
            running.remove(node);
            paused.remove(node);
        }
        String granted = granted(view);
        Job job = running.get(node);
        boolean own = job != null && job.id.equals(granted);
        if (granted != null && !own && (before == null || !granted.equals(granted(before)))) {
            // from before a restart, or a predecessor's
            commit(node);
        }
    }

    private static String granted(ClusterView view) {
        List<HandOvers.Grant> grants = view.handOvers().grants();
        return grants.isEmpty() ? null : grants.getFirst().job();
    }
}
