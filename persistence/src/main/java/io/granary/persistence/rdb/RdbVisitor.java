package io.granary.persistence.rdb;

import java.io.IOException;

/** Whoever wants to know what an RDB holds, in the order of the file. What it is given is valid until it returns. */
public interface RdbVisitor {

    /** A key with a string. What this throws ends the reading. */
    void string(RdbEntry entry) throws IOException;

    /** A fact about the file and who wrote it, such as {@code redis-ver} or {@code repl-id}. */
    default void auxiliary(String name, NativeBytes value) {}

    /** How many keys of a database follow, and how many of them expire; a hint. */
    default void sizes(int database, long keys, long expiring) {}

    /** The code of a library of functions. */
    default void function(NativeBytes code) {}

    /** Data of a module that belongs to no key; it was skipped. */
    default void moduleData(String module) {}
}
