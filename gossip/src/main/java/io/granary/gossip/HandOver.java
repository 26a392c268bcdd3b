package io.granary.gossip;

/** How slots go from one primary to another with all their data and at no time two owners. */
final class HandOver {

    private final ClusterState state;

    HandOver(ClusterState state) {
        this.state = state;
    }

    void asked(long number, OperatorRequest.HandOverStep step) {
        state.out.add(new Output.Answer(number, null, "ERR hand-over " + step.job() + " is not supported"));
    }

    HandOvers view() {
        return HandOvers.NONE;
    }
}
