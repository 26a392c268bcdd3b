package io.granary.slots.command;

import io.granary.resp.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One row of the command table: a command or subcommand with everything the server, its clients and its documentation know of
 * it. Declared once, from the synopsis on; each refinement returns a new row, so rows can be shared by all nodes of a JVM.
 *
 * @param <C> the kind of call that the body needs
 */
public final class Command<C> {

    private final String name;
    private final String fullName;
    private final String synopsis;
    private final Body<? super C> body;

    private long flagBits;
    private int arity;
    private int firstKey;
    private int lastKey;
    private int keyStep;
    private Group group;
    private int index = -1;
    private Command<C> container;
    private List<Command<C>> subcommands = List.of();

    private Command(String name, String synopsis, Body<? super C> body) {
        this.name = name;
        this.fullName = name.toLowerCase(Locale.ROOT).replace(' ', '|');
        this.synopsis = synopsis;
        this.body = body;
    }

    /** A command, or with two words in its name a subcommand: {@code "GET"}, {@code "CLIENT LIST"}. */
    public static <C> Command<C> of(String name, String synopsis, Body<C> body) {
        return new Command<>(name, synopsis, Objects.requireNonNull(body));
    }

    /** A command that only has subcommands. */
    public static <C> Command<C> container(String name) {
        return new Command<>(name, "", null);
    }

    /** Rows of one group: those that name none get this one. */
    @SafeVarargs
    public static <C> List<Command<C>> family(Group group, Command<C>... rows) {
        List<Command<C>> family = new ArrayList<>();
        for (Command<C> row : rows) {
            family.add(row.group == null ? row.group(group) : row);
        }
        return List.copyOf(family);
    }

    public Command<C> doc(String since, String complexity, String summary) {
        return this;
    }

    public Command<C> flags(CommandFlag... flags) {
        return this;
    }

    /** The next key specification: how the key or keys that the synopsis names next are used. */
    public Command<C> keys(KeyFlag... flags) {
        return this;
    }

    public Command<C> tips(String... tips) {
        return this;
    }

    /** A change of the command in some version. */
    public Command<C> history(String since, String change) {
        return this;
    }

    public Command<C> deprecated(String since, String replacedBy) {
        return this;
    }

    public Command<C> group(Group group) {
        return this;
    }

    /** The access categories beyond those that follow from the flags, in place of the one that follows from the group. */
    public Command<C> categories(AclCategory... categories) {
        return this;
    }

    /** The arity where the synopsis misleads. */
    public Command<C> arity(int arity) {
        return this;
    }

    /** The name as declared: {@code "CLIENT LIST"}. */
    public String name() {
        return name;
    }

    /** The name in replies and statistics: {@code "client|list"}. */
    public String fullName() {
        return fullName;
    }

    public String synopsis() {
        return synopsis;
    }

    /** A dense number, from 0 to the size of the table less one. */
    public int index() {
        return index;
    }

    /** The number of arguments, name included; negative if that is only the least. */
    public int arity() {
        return arity;
    }

    /** Whether a request of {@code count} arguments, name included, has the right number of them. */
    public boolean accepts(int count) {
        return arity < 0 ? count >= -arity : count == arity;
    }

    public boolean is(CommandFlag flag) {
        return (flagBits & flag.bit()) != 0;
    }

    public long flagBits() {
        return flagBits;
    }

    public long categoryBits() {
        return 0;
    }

    /** The argument that is the first key; 0 if there is none at a fixed place. */
    public int firstKey() {
        return firstKey;
    }

    /** The argument that is the last key; -1 stands for the last argument, -2 for the one before. */
    public int lastKey() {
        return lastKey;
    }

    public int keyStep() {
        return keyStep;
    }

    /** Whether {@link #keys(Request, KeyVisitor)} has to be asked, the three numbers not telling all. */
    public boolean movableKeys() {
        return is(CommandFlag.MOVABLEKEYS);
    }

    /** Visits all keys of a request of this command; returns how many there are, -1 if its arguments make no sense. */
    public int keys(Request request, KeyVisitor visitor) {
        return 0;
    }

    /** What the command does; null for one that only has subcommands. */
    public Body<? super C> body() {
        return body;
    }

    public Group group() {
        return group;
    }

    public List<Command<C>> subcommands() {
        return subcommands;
    }

    /** The command that this one is a subcommand of; null if it is none. */
    public Command<C> container() {
        return container;
    }
}
