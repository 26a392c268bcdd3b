package io.granary.slots.command;

import java.util.Locale;

/** The family that a command belongs to in the documentation; it implies an access category. */
public enum Group {
    GENERIC(AclCategory.KEYSPACE),
    STRING(AclCategory.STRING),
    LIST(AclCategory.LIST),
    SET(AclCategory.SET),
    SORTED_SET(AclCategory.SORTEDSET),
    HASH(AclCategory.HASH),
    /** Its category follows from the flag of the same name, which some of its commands lack. */
    PUBSUB(null),
    TRANSACTIONS(AclCategory.TRANSACTION),
    CONNECTION(AclCategory.CONNECTION),
    SERVER(null),
    SCRIPTING(AclCategory.SCRIPTING),
    HYPERLOGLOG(AclCategory.HYPERLOGLOG),
    CLUSTER(null),
    GEO(AclCategory.GEO),
    STREAM(AclCategory.STREAM),
    BITMAP(AclCategory.BITMAP);

    private final AclCategory category;

    Group(AclCategory category) {
        this.category = category;
    }

    /** The bit of the implied category; 0 if none is. */
    long categoryBit() {
        return category == null ? 0 : category.bit();
    }

    /** The group's name in replies. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
