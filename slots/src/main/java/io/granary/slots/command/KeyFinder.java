package io.granary.slots.command;

import io.granary.resp.Request;

/** Finds the keys of a request where the specifications cannot say where they are, or how they are used. */
@FunctionalInterface
public interface KeyFinder {

    /** Visits the keys in the order of the arguments and returns how many there are; -1 if the arguments make no sense. */
    int find(Request request, KeyVisitor visitor);
}
