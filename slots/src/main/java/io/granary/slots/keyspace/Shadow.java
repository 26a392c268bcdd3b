package io.granary.slots.keyspace;

/**
 * A second set of databases that nobody sees but whoever fills it, and that may take the place of a keyspace's own.
 *
 * <p>Its records lie in the keyspace's memory and count as used, but no lock guards them: one thread fills it. Expiry,
 * eviction, scans and snapshots do not know of it.
 */
public final class Shadow {

    private final Keyspace keyspace;
    private final Database[] databases;

    /** What its tables would have somebody move on is moved by whoever fills them, until they are in use. */
    private final Reclaimer reclaimer = new Reclaimer();

    Shadow(Keyspace keyspace, Database[] databases) {
        this.keyspace = keyspace;
        this.databases = databases;
        for (Database database : databases) {
            database.reclaimer = reclaimer;
        }
    }

    /** The store of a slot, made on first use. */
    public SlotStore store(int database, int slot) {
        return databases[database].store(slot);
    }

    /** Keys of all databases. */
    public long size() {
        long sum = 0;
        for (Database database : databases) {
            sum += database.size();
        }
        return sum;
    }

    /** Shows every record with its store, database after database. */
    public void forEach(StoreVisitor visitor) {
        for (Database database : databases) {
            for (int slot = 0; (slot = database.nextOccupied(slot, false)) < database.slots(); slot++) {
                SlotStore store = database.store(slot);
                long cursor = 0;
                do {
                    cursor = store.scan(cursor, Integer.MAX_VALUE, record -> visitor.visit(store, record));
                } while (cursor != 0);
            }
        }
    }

    /** Frees what it holds, bit by bit by {@link Keyspace#reclaim}; nobody fills it any more. */
    public void discard() {
        for (Database database : databases) {
            keyspace.discard(database);
        }
    }

    /** Hands the databases over, with the tables that are being moved, to the one that frees and moves in the keyspace. */
    Database[] takeOver(Reclaimer other) {
        for (SlotStore moving = reclaimer.moving(); moving != null; moving = reclaimer.moving()) {
            reclaimer.moved(moving);
            if (moving.isMoving()) {
                other.moveStarted(moving);
            }
        }
        Database[] taken = databases.clone();
        for (Database database : taken) {
            database.reclaimer = other;
        }
        return taken;
    }
}
