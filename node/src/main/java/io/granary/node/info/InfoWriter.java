package io.granary.node.info;

import java.util.Locale;

/** Takes the fields of INFO, section by section: as text for clients, or one by one for whoever measures. */
public interface InfoWriter {

    /** Begins a section. */
    void heading(String name);

    InfoWriter field(String name, String value);

    /** A field of several numbers and words, {@code name:key=value,key=value}. */
    InfoWriter parts(String name, Part... parts);

    /** One of several things that a field says. */
    record Part(String key, String value) {

        public static Part of(String key, String value) {
            return new Part(key, value);
        }

        public static Part of(String key, long value) {
            return new Part(key, Long.toString(value));
        }

        @Override
        public String toString() {
            return key + "=" + value;
        }
    }

    default InfoWriter field(String name, long value) {
        return field(name, Long.toString(value));
    }

    default InfoWriter field(String name, boolean value) {
        return field(name, value ? 1 : 0);
    }

    /** A number with so many digits behind the point. */
    default InfoWriter decimal(String name, double value, int digits) {
        return field(name, String.format(Locale.ROOT, "%." + digits + "f", value));
    }

    /** A size in bytes, and again for people. */
    default InfoWriter size(String name, long bytes) {
        return field(name, bytes).field(name + "_human", InfoText.human(bytes));
    }
}
