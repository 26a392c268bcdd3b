package io.granary.node.config;

import java.util.concurrent.CopyOnWriteArrayList;

/** The value of one directive on one node; read without a lock, written by CONFIG SET and the reader of the file. */
public abstract sealed class Setting permits LongSetting, BooleanSetting, ChoiceSetting, TextSetting {
    private final Directive directive;
    private final CopyOnWriteArrayList<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private volatile String raw;

    Setting(Directive directive) {
        this.directive = directive;
    }

    public final Directive directive() {
        return directive;
    }

    public final String name() {
        return directive.name();
    }

    /** The value as CONFIG GET shows it, one byte in each character. */
    public final String raw() {
        return raw;
    }

    /**
     * Calls a listener after CONFIG SET changed the value. The same listener may watch several directives: it is called once
     * for a CONFIG SET that changes more than one of them.
     */
    public final void onChange(ChangeListener listener) {
        listeners.addIfAbsent(listener);
    }

    final Iterable<ChangeListener> listeners() {
        return listeners;
    }

    /** Takes a value that the directive's syntax has produced. */
    final void assign(String value) {
        decode(value);
        raw = value;
    }

    abstract void decode(String value);
}
