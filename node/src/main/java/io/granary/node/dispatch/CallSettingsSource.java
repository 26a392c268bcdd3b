package io.granary.node.dispatch;

import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.ExpiredKeys;

/** The settings that commands on data depend on, made anew as a whole when one of the directives changes. */
public final class CallSettingsSource {

    private final MemoryGuard memory;
    private final NodeCondition condition;
    private final LongSetting memoryBytesMax;
    private final LongSetting decayMinutes;
    private final LongSetting logFactor;
    private final LongSetting bulkBytesMax;
    private final BooleanSetting lazyExpire;
    private final BooleanSetting lazyServerDelete;
    private volatile CallSettings current;
    private volatile CallSettings ofStream;

    public CallSettingsSource(MemoryGuard memory, NodeCondition condition, Configuration configuration) {
        this.memory = memory;
        this.condition = condition;
        memoryBytesMax = configuration.number("maxmemory");
        decayMinutes = configuration.number("lfu-decay-time");
        logFactor = configuration.number("lfu-log-factor");
        bulkBytesMax = configuration.number("proto-max-bulk-len");
        lazyExpire = configuration.flag("lazyfree-lazy-expire");
        lazyServerDelete = configuration.flag("lazyfree-lazy-server-del");
        memoryBytesMax.onChange(this::refresh);
        decayMinutes.onChange(this::refresh);
        logFactor.onChange(this::refresh);
        bulkBytesMax.onChange(this::refresh);
        lazyExpire.onChange(this::refresh);
        lazyServerDelete.onChange(this::refresh);
        configuration.choice("maxmemory-policy").onChange(this::refresh);
        condition.onChange(this::refresh);
        refresh();
    }

    private synchronized void refresh() {
        CallSettings settings = new CallSettings(memory.policy(), memoryBytesMax.value() > 0, decayMinutes.intValue(),
                logFactor.intValue(), bulkBytesMax.value(),
                condition.paused() || condition.replica() ? ExpiredKeys.HIDDEN : ExpiredKeys.REMOVED,
                lazyExpire.value(), lazyServerDelete.value());
        ofStream = settings.with(ExpiredKeys.SEEN);
        current = settings;
    }

    /** For the calls of clients. */
    CallSettings current() {
        return current;
    }

    /** For the calls that a primary's stream consists of. */
    CallSettings ofStream() {
        return ofStream;
    }
}
