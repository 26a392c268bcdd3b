package io.granary.node.info;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** All sections of INFO, in Redis's order. */
public final class Info {

    private static final String DEFAULT = "default";
    private static final Set<String> EVERYTHING = Set.of("all", "everything");

    private final List<InfoSection> sections;

    public Info(List<InfoSection> sections) {
        this.sections = List.copyOf(sections);
    }

    /** Whether a word in lower case names a section or some of them. */
    public boolean knows(String word) {
        return word.equals(DEFAULT) || EVERYTHING.contains(word)
                || sections.stream().anyMatch(section -> name(section).equals(word));
    }

    private static String name(InfoSection section) {
        return section.heading().toLowerCase(Locale.ROOT);
    }

    /** The text of the sections asked for: by name, or {@code default}, {@code all}, {@code everything}. */
    public String text(Set<String> wanted) {
        InfoText out = new InfoText();
        boolean all = wanted.stream().anyMatch(EVERYTHING::contains);
        boolean byDefault = wanted.contains(DEFAULT);
        for (InfoSection section : sections) {
            if (all && section.shownWithAll() || byDefault && section.shownByDefault() || wanted.contains(name(section))) {
                out.heading(section.heading());
                section.write(out);
            }
        }
        return out.toString();
    }

    /** Tells what {@code INFO everything} shows. */
    public void tell(InfoWriter out) {
        for (InfoSection section : sections) {
            if (section.shownWithAll()) {
                out.heading(section.heading());
                section.write(out);
            }
        }
    }
}
