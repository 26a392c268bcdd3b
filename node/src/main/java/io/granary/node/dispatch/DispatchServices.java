package io.granary.node.dispatch;

import io.granary.gossip.ClusterView;
import io.granary.node.Clock;
import io.granary.node.client.ClientSession;
import io.granary.node.client.Monitors;
import io.granary.node.config.BooleanSetting;
import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.TextSetting;
import io.granary.node.fault.Faults;
import io.granary.node.metrics.LatencyEvents;
import io.granary.node.metrics.SlowLog;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.CommandTable;
import io.granary.slots.keyspace.Keyspace;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the dispatchers of all event loops of one node share. */
public final class DispatchServices {

    /** Watched keys lie on the heap, and may take this part of it. */
    private static final int WATCH_SHARE_OF_HEAP = 8;

    private final Keyspace keyspace;
    private final CommandTable<NodeCall> table;
    private final CallSettingsSource callSettings;
    private final Clock clock;
    private final NodeCondition condition;
    private final PauseBarrier pauseBarrier;
    private final WriteLease lease;
    private final OwnExpiries ownExpiries;
    private final UnitLog log;
    private final MemoryGuard memory;
    private final Monitors monitors;
    private final SlowLog slowLog;
    private final LatencyEvents latency;
    private final Supplier<ClusterView> view;
    private final Faults faults;
    private final LongSetting slowMicros;
    private final LongSetting slowLogLength;
    private final LongSetting latencyThresholdMs;
    private final LongSetting queryBytesMax;
    private final BooleanSetting readsWhenDown;
    private final BooleanSetting latencyTracking;
    private final ChoiceSetting debugCommand;
    private final TextSetting password;
    private final WatchBudget watchBudget = new WatchBudget(Runtime.getRuntime().maxMemory() / WATCH_SHARE_OF_HEAP);
    private final Endpoints endpoints;
    private volatile long slowNanos;

    public DispatchServices(
            Keyspace keyspace, CommandTable<NodeCall> table, CallSettingsSource callSettings, Clock clock,
            NodeCondition condition, PauseBarrier pauseBarrier, UnitLog log, MemoryGuard memory, Monitors monitors,
            SlowLog slowLog, LatencyEvents latency, Supplier<ClusterView> view, Faults faults, Endpoints endpoints,
            Configuration configuration) {
        this.keyspace = keyspace;
        this.table = table;
        this.callSettings = callSettings;
        this.clock = clock;
        this.condition = condition;
        this.lease = new WriteLease(clock);
        this.ownExpiries = new OwnExpiries(keyspace, condition);
        this.pauseBarrier = pauseBarrier;
        this.log = log;
        this.memory = memory;
        this.monitors = monitors;
        this.slowLog = slowLog;
        this.latency = latency;
        this.view = view;
        this.faults = faults;
        slowMicros = configuration.number("slowlog-log-slower-than");
        slowLogLength = configuration.number("slowlog-max-len");
        latencyThresholdMs = configuration.number("latency-monitor-threshold");
        queryBytesMax = configuration.number("client-query-buffer-limit");
        latencyTracking = configuration.flag("latency-tracking");
        readsWhenDown = configuration.flag("cluster-allow-reads-when-down");
        debugCommand = configuration.choice("enable-debug-command");
        password = configuration.text("requirepass");
        this.endpoints = endpoints;
        slowMicros.onChange(this::refreshSlow);
        latencyThresholdMs.onChange(this::refreshSlow);
        refreshSlow();
    }

    /** The shortest time that somebody wants to hear of, so that one comparison a command does. */
    private void refreshSlow() {
        long micros = slowMicros.value();
        long latencyMs = latencyThresholdMs.value();
        slowNanos = Math.min(micros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(micros),
                latencyMs <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(latencyMs));
    }

    /** What clients of a writable replica have given an expiry. */
    public OwnExpiries ownExpiries() {
        return ownExpiries;
    }

    Keyspace keyspace() {
        return keyspace;
    }

    CommandTable<NodeCall> table() {
        return table;
    }

    CallSettings callSettings() {
        return callSettings.current();
    }

    /** For the calls that a primary's stream consists of. */
    CallSettings streamSettings() {
        return callSettings.ofStream();
    }

    Clock clock() {
        return clock;
    }

    NodeCondition condition() {
        return condition;
    }

    /** Until when writes may be acknowledged. */
    public WriteLease lease() {
        return lease;
    }

    /** Tells when the last write before a pause has ended. */
    public PauseBarrier pauseBarrier() {
        return pauseBarrier;
    }

    /** Where changes are written down. */
    UnitLog log() {
        return log;
    }

    MemoryGuard memory() {
        return memory;
    }

    Monitors monitors() {
        return monitors;
    }

    /** The cluster as of now; null when this node is no cluster's. */
    ClusterView view() {
        return view.get();
    }

    Faults faults() {
        return faults;
    }

    boolean tracksLatency() {
        return latencyTracking.value();
    }

    boolean readsWhenDown() {
        return readsWhenDown.value();
    }

    /** Whether a client may use DEBUG; {@code local}: it sits on this machine. */
    boolean allowsDebug(boolean local) {
        return debugCommand.is("yes") || local && debugCommand.is("local");
    }

    boolean requiresPassword() {
        return !password.isEmpty();
    }

    WatchBudget watchBudget() {
        return watchBudget;
    }

    Endpoints endpoints() {
        return endpoints;
    }

    long queryBytesMax() {
        return queryBytesMax.value();
    }

    long slowNanos() {
        return slowNanos;
    }

    /** Takes note of a call that took at least {@link #slowNanos()}. */
    void slow(ClientSession session, Command<NodeCall> command, Request request, long elapsedNanos, long nowMs) {
        long micros = elapsedNanos / 1_000;
        long limit = slowMicros.value();
        if (limit >= 0 && micros >= limit && !command.is(CommandFlag.SKIP_SLOWLOG)) {
            slowLog.add(request, Redaction.of(command, request), nowMs / 1_000, micros, session.profile().address(),
                    session.profile().name(), slowLogLength.value());
        }
        long threshold = latencyThresholdMs.value();
        if (threshold > 0 && micros / 1_000 >= threshold) {
            latency.add(command.is(CommandFlag.FAST) ? "fast-command" : "command", nowMs / 1_000, micros / 1_000);
        }
    }
}
