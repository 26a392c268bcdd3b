package io.granary.node.dispatch;

import io.granary.node.config.BooleanSetting;
import io.granary.slots.command.Effects;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StoreVisitor;

/**
 * Writes down the keys that go without a command, because their time has come or to make room: each is a unit of its own,
 * appended with its slot's lock held just before the key goes. One thread at a time.
 */
public final class UnaskedRemovals implements StoreVisitor {

    private final UnitLog log;
    private final BooleanSetting lazily;
    private final Effects effects = new Effects();

    /** {@code lazily} says whether the removals are told as UNLINK. */
    public UnaskedRemovals(UnitLog log, BooleanSetting lazily) {
        this.log = log;
        this.lazily = lazily;
    }

    @Override
    public void visit(SlotStore store, long record) {
        if (log.active()) {
            effects.deletion(
                    store.database(), lazily.value(), store.memory(), store.keyOffset(record), store.keyLength(record))
                    .slot(store.slot());
            log.append(effects);
            effects.clear();
        }
    }
}
