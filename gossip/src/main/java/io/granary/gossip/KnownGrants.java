package io.granary.gossip;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The grants of other primaries, of which this node is a witness.
 *
 * <p>THE DANGER. Between grant and answer two nodes alone know what is to become of the slots. If both of them are replaced
 * just then, the source by a replica that has heard the target's claim and leaves the slots behind, the target by one that
 * has not, or that has not their data, then nobody claims them, or somebody without the data, and nobody knows who has it.
 *
 * <p>THE RULE. A source tells its grant with the question to the voters that comes before it ({@link Grants}), and as long
 * as it is open with each heartbeat that tells of its names. Whoever hears it keeps it, on disk before it answers, and
 * voters pass it on in front of their votes, to candidates of either shard. So whoever is elected in the place of the source
 * or of the target knows of the grant, since some voter has answered the question before it voted, as long as the source has
 * not said that it is over. What it does with it is said in {@link HandOver}.
 *
 * <p>WHEN IT ENDS. When the holder, or who leads its shard in an epoch behind the grant, tells of its names and of no such
 * grant; or is forgotten. Nobody else can know.
 */
final class KnownGrants {

    /** So many are passed on with a vote at most. */
    private static final int TOLD_LIMIT = 16;

    private final ClusterState state;

    /** At most one of each holder, who is a member. */
    private final Map<NodeId, SlotGrant> byHolder = new LinkedHashMap<>();

    KnownGrants(ClusterState state) {
        this.state = state;
    }

    void restore(List<SlotGrant> stored) {
        stored.forEach(grant -> byHolder.put(grant.holder(), grant));
    }

    List<SlotGrant> stored() {
        byHolder.keySet().removeIf(holder -> state.node(holder) == null);
        return List.copyOf(byHolder.values());
    }

    /**
     * A member has told of its names, and of these grants, its own or others'.
     *
     * @param news whether it has not said anything later
     */
    void heard(Node sender, Collection<SlotGrant> told, boolean news) {
        String own = "";
        for (SlotGrant grant : told) {
            if (grant.holder().equals(sender.id)) {
                own = grant.job();
                if (news || !byHolder.containsKey(sender.id)) {
                    note(grant);
                }
            } else {
                noteOther(grant);
            }
        }
        if (news && !byHolder.isEmpty()) {
            String open = own;
            boolean any = byHolder.values().removeIf(grant -> !grant.job().equals(open) && isOver(grant, sender));
            if (any) {
                state.changedSoft();
            }
        }
    }

    private static boolean leadsBehind(SlotGrant grant, Node node) {
        return node.isVoter() && node.configEpoch - 2 >= grant.epoch();
    }

    private boolean isOver(SlotGrant grant, Node sender) {
        Node holder = state.node(grant.holder());
        return holder == null || holder == sender || leadsBehind(grant, sender) && holder.shard().equals(sender.shard());
    }

    /** A grant is open, as its holder says. */
    void note(SlotGrant grant) {
        if (!grant.equals(byHolder.get(grant.holder()))) {
            byHolder.values().removeIf(other -> other.job().equals(grant.job()));
            byHolder.put(grant.holder(), grant);
            state.changedSoft();
        }
    }

    private void noteOther(SlotGrant grant) {
        SlotGrant known = byHolder.get(grant.holder());
        boolean news = (known == null || known.epoch() < grant.epoch()) && !isOpen(grant.job());
        if (news && state.node(grant.holder()) != null && !grant.holder().equals(state.myself.id)) {
            note(grant);
        }
    }

    /** Whether the source of a job, or who has taken its place, may still have the slots of its grant to give or to keep. */
    boolean isOpen(String job) {
        return byHolder.values().stream()
                .anyMatch(grant -> grant.job().equals(job) && state.node(grant.holder()) != null);
    }

    /** What a candidate has to know: the grants of its shard, and those to it. */
    List<SlotGrant> toldTo(Node candidate) {
        String shard = candidate.shard();
        Stream<SlotGrant> own = Stream.ofNullable(state.granting);
        return Stream.concat(own, byHolder.values().stream())
                .filter(grant -> isOf(grant.holder(), shard) || isOf(grant.target(), shard))
                .sorted(Comparator.comparing(grant -> !isOf(grant.holder(), shard)))
                .limit(TOLD_LIMIT).toList();
    }

    private boolean isOf(NodeId id, String shard) {
        Node node = state.node(id);
        return node != null && node.shard().equals(shard);
    }

    /** The slots that a primary has granted; this node may be its replica. */
    SlotBitmap grantedBy(Node primary) {
        SlotGrant grant = primary == null ? null : byHolder.get(primary.id);
        return grant == null ? SlotBitmap.EMPTY : grant.slots();
    }

    /** The slots that this shard has got from others, or may get, who do not know that yet. */
    SlotBitmap grantedToMyShard() {
        SlotBitmap slots = SlotBitmap.EMPTY;
        for (SlotGrant grant : byHolder.values()) {
            slots = isOf(grant.target(), state.myself.shard()) ? slots.plus(grant.slots()) : slots;
        }
        return slots;
    }

    /** This node has been elected: it takes over the grants of its shard, which are no other's any more. */
    List<SlotGrant> inherit() {
        List<SlotGrant> taken = new ArrayList<>();
        for (SlotGrant grant : List.copyOf(byHolder.values())) {
            if (isOf(grant.holder(), state.myself.shard())) {
                byHolder.remove(grant.holder());
                taken.add(grant);
            }
        }
        taken.removeIf(grant -> !leadsBehind(grant, state.myself));
        // one is open at a time; who has passed an older one on did not know that it was over
        taken.sort(Comparator.comparingLong(SlotGrant::epoch).reversed());
        return taken;
    }

    /** The grants to the shard of this node, which has been elected. */
    List<SlotGrant> toMyShard() {
        return byHolder.values().stream()
                .filter(grant -> isOf(grant.target(), state.myself.shard()) && leadsBehind(grant, state.myself)).toList();
    }
}
