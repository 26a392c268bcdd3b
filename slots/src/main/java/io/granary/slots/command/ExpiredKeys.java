package io.granary.slots.command;

/** What a call does with a key whose time has come and that nobody has removed yet. */
public enum ExpiredKeys {
    /** Removes it: the rule on a primary. */
    REMOVED,
    /** Takes it for absent, and leaves it: on a replica, whose primary removes it, and while writes are paused. */
    HIDDEN,
    /** Takes it for any other key: its time comes when the primary says so, whose stream the call belongs to. */
    SEEN
}
