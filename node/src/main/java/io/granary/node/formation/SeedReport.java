package io.granary.node.formation;

import java.util.List;

/** What came of asking a seed who it is and whom it knows. */
sealed interface SeedReport {

    /** Nothing, for a reason that an operator understands. */
    record Silent(String reason) implements SeedReport {}

    /**
     * An answer.
     *
     * @param ip      the address at which the seed was found
     * @param port    its port for clients
     * @param plan    the seed's own {@link FormationSettings#text}, empty where it has none
     * @param members the nodes that it knows, itself among them
     */
    record Told(String ip, int port, String plan, List<Member> members) implements SeedReport {
        public Told {
            members = List.copyOf(members);
        }

        Member self() {
            return members.stream().filter(Member::self).findFirst().orElseThrow();
        }

        /** Whether it is nobody's yet: it knows no other node and owns nothing. */
        boolean isBlank() {
            return members.size() == 1 && self().slots().isEmpty() && self().primary().isEmpty();
        }

        boolean knows(String id) {
            return members.stream().anyMatch(member -> member.id().equals(id));
        }
    }
}
