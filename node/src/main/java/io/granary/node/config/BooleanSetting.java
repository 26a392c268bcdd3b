package io.granary.node.config;

/** A choice between yes and no. */
public final class BooleanSetting extends Setting {
    private volatile boolean value;

    BooleanSetting(Directive directive) {
        super(directive);
    }

    public boolean value() {
        return value;
    }

    @Override
    void decode(String text) {
        value = text.equals("yes");
    }
}
