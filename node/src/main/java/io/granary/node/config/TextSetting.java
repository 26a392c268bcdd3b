package io.granary.node.config;

import java.nio.charset.StandardCharsets;

/** A text: a name, a path, a secret, or a value with a structure of its own. */
public final class TextSetting extends Setting {
    private volatile String value;

    TextSetting(Directive directive) {
        super(directive);
    }

    /** The text, its bytes read as UTF-8; empty if it is not set. */
    public String value() {
        return value;
    }

    /** The exact bytes, for secrets. */
    public byte[] bytes() {
        return raw().getBytes(StandardCharsets.ISO_8859_1);
    }

    public boolean isEmpty() {
        return raw().isEmpty();
    }

    @Override
    void decode(String text) {
        value = Latin1.toUtf8(text);
    }
}
