package io.granary.gossip.simulation;

import io.granary.gossip.Input;

/** Somebody with an address on the network. */
interface Station {

    String ip();

    int busPort();

    /** Which life this is: what was meant for an earlier one is lost. */
    int incarnation();

    /** Whether it answers nothing at all, not even that nobody listens. */
    boolean isUnreachable();

    boolean isListening();

    /** The number of the next link that it accepts. */
    long nextAccepted();

    /** Something happens to it. */
    void give(Input input);
}
