package io.granary.slots.command;

import io.granary.resp.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One row of the command table: a command or subcommand with everything the server, its clients and its documentation know
 * of it. Declared once, from the synopsis on; each refinement returns a new row, so rows can be shared by all nodes of a
 * JVM. A {@link CommandTable} makes rows of its own of them, which know their index and their subcommands.
 *
 * @param <C> the kind of call that the body needs
 */
public final class Command<C> {

    /**
     * The most arguments of a command that names no keys. Keys may be many, since they stay where they are; other arguments
     * become objects on the heap, which has no room for millions of them.
     */
    private static final int ARGUMENTS_WITHOUT_KEYS_MAX = 1 << 17;

    private final String name;
    private final String fullName;
    private final Syntax syntax;
    private final Body<? super C> body;

    private long flagBits;
    private long declaredCategories;
    private boolean categoriesDeclared;
    private int arity;
    private int argumentsMax = ARGUMENTS_WITHOUT_KEYS_MAX;
    private Group group;
    private CommandDoc doc = CommandDoc.NONE;
    private List<String> tips = List.of();
    private List<KeySpec> keyUses = List.of();
    private boolean keysPlaced;
    private KeyFinder keyFinder;
    private KeySpecs keySpecs = KeySpecs.NONE;

    private int firstKey;
    private int lastKey;
    private int keyStep;
    private int index = -1;
    private Command<C> container;
    private List<Command<C>> subcommands = List.of();
    private NameIndex<C> subcommandNames;

    private Command(String name, Syntax syntax, Body<? super C> body) {
        this.name = name;
        this.fullName = name.toLowerCase(Locale.ROOT).replace(' ', '|');
        this.syntax = syntax;
        this.body = body;
        this.arity = syntax.arity(words());
    }

    private Command(Command<? super C> row) {
        name = row.name;
        fullName = row.fullName;
        syntax = row.syntax;
        body = row.body;
        flagBits = row.flagBits;
        declaredCategories = row.declaredCategories;
        categoriesDeclared = row.categoriesDeclared;
        arity = row.arity;
        argumentsMax = row.argumentsMax;
        group = row.group;
        doc = row.doc;
        tips = row.tips;
        keyUses = row.keyUses;
        keysPlaced = row.keysPlaced;
        keyFinder = row.keyFinder;
        keySpecs = row.keySpecs;
        firstKey = row.firstKey;
        lastKey = row.lastKey;
        keyStep = row.keyStep;
    }

    /** A command, or with two words in its name a subcommand: {@code "GET"}, {@code "CLIENT LIST"}. */
    public static <C> Command<C> of(String name, String synopsis, Body<C> body) {
        return new Command<>(name, Syntax.of(synopsis), Objects.requireNonNull(body));
    }

    /** A command that only has subcommands. */
    public static <C> Command<C> container(String name) {
        return new Command<C>(name, Syntax.of(""), null).arity(-2);
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

    /** The version of Redis that brought the command, what it costs, and what it does in one line. */
    public Command<C> doc(String since, String complexity, String summary) {
        Command<C> row = new Command<>(this);
        row.doc = doc.with(since, complexity, summary);
        return row;
    }

    /** A change of the command in some version. */
    public Command<C> history(String since, String change) {
        Command<C> row = new Command<>(this);
        row.doc = doc.with(new CommandDoc.Change(since, change));
        return row;
    }

    public Command<C> deprecated(String since, String replacedBy) {
        Command<C> row = new Command<>(this);
        row.doc = doc.deprecated(since, replacedBy);
        return row;
    }

    /** Marks a command that servers send to each other. */
    public Command<C> system() {
        Command<C> row = new Command<>(this);
        row.doc = doc.forSystem();
        return row;
    }

    public Command<C> flags(CommandFlag... flags) {
        Command<C> row = new Command<>(this);
        for (CommandFlag flag : flags) {
            row.flagBits |= flag.bit();
        }
        return row;
    }

    /** The next key specification: how the key or keys that the synopsis names next are used. */
    public Command<C> keys(KeyFlag... flags) {
        List<KeySpec> uses = new ArrayList<>(keyUses);
        uses.add(KeySpec.unknown(null, flags));
        return withKeys(uses, false, keyFinder);
    }

    /** A remark on the flags of the key specification that was declared last. */
    public Command<C> keyNotes(String notes) {
        List<KeySpec> uses = new ArrayList<>(keysPlaced ? keySpecs.list() : keyUses);
        uses.add(uses.removeLast().withNotes(notes));
        return withKeys(uses, keysPlaced, keyFinder);
    }

    /** The next key specification in full, where the synopsis does not tell the place: then all have to be given so. */
    public Command<C> keySpec(KeySpec spec) {
        List<KeySpec> uses = new ArrayList<>(keysPlaced ? keyUses : List.of());
        uses.add(spec);
        return withKeys(uses, true, keyFinder);
    }

    /** Finds the keys, or how they are used, where the specifications cannot: they are unknown, or the flags vary. */
    public Command<C> keyFinder(KeyFinder finder) {
        return withKeys(keyUses, keysPlaced, finder);
    }

    private Command<C> withKeys(List<KeySpec> uses, boolean placed, KeyFinder finder) {
        Command<C> row = new Command<>(this);
        row.keyUses = List.copyOf(uses);
        row.keysPlaced = placed;
        row.keyFinder = finder;
        row.argumentsMax = Integer.MAX_VALUE;
        row.keySpecs = new KeySpecs(placed ? uses : placed(uses), finder);
        row.firstKey = row.keySpecs.firstKey();
        row.lastKey = row.keySpecs.lastKey();
        row.keyStep = row.keySpecs.keyStep();
        row.flagBits &= ~CommandFlag.MOVABLEKEYS.bit();
        row.flagBits |= row.keySpecs.movable() ? CommandFlag.MOVABLEKEYS.bit() : 0;
        return row;
    }

    /** The uses at the places that the synopsis tells; one use for several neighbouring keys covers all of them. */
    private List<KeySpec> placed(List<KeySpec> uses) {
        List<Syntax.KeyPlace> places = syntax.keyPlaces(words());
        List<KeySpec> placed = new ArrayList<>();
        for (int i = 0; i < Math.min(uses.size(), places.size()); i++) {
            KeySpec use = uses.get(i);
            placed.add(new KeySpec(use.flags(), use.notes(), places.get(i).begin(), places.get(i).find()));
        }
        if (uses.size() == 1 && places.size() > 1) {
            KeySpec only = placed.getFirst();
            placed.set(0, new KeySpec(only.flags(), only.notes(), only.begin(), new KeySpec.Range(places.size() - 1, 1, 0)));
        }
        return placed;
    }

    /** Hints for proxies and clients, such as {@code "request_policy:multi_shard"}. */
    public Command<C> tips(String... newTips) {
        Command<C> row = new Command<>(this);
        row.tips = List.of(newTips);
        return row;
    }

    public Command<C> group(Group newGroup) {
        Command<C> row = new Command<>(this);
        row.group = newGroup;
        return row;
    }

    /** The access categories beyond those that follow from the flags, in place of the one that follows from the group. */
    public Command<C> categories(AclCategory... categories) {
        Command<C> row = new Command<>(this);
        row.categoriesDeclared = true;
        for (AclCategory category : categories) {
            row.declaredCategories |= category.bit();
        }
        return row;
    }

    /** The arity where the synopsis misleads. */
    public Command<C> arity(int newArity) {
        Command<C> row = new Command<>(this);
        row.arity = newArity;
        return row;
    }

    /** A row for a table of calls of a narrower kind, to be numbered and given its subcommands. */
    static <C> Command<C> row(Command<? super C> declared, int index, Command<C> container) {
        Command<C> row = new Command<>(declared);
        row.checkKeys();
        row.index = index;
        row.container = container;
        return row;
    }

    private void checkKeys() {
        if (keysPlaced) {
            return;
        }
        int places = syntax.keyPlaces(words()).size();
        boolean matched = keyUses.size() == places || keyUses.size() == 1 && places > 1;
        if (!matched) {
            throw new IllegalArgumentException(
                    name + ": its synopsis has keys in " + places + " places, but " + keyUses.size() + " uses are declared");
        }
    }

    void subcommands(List<Command<C>> rows) {
        subcommands = List.copyOf(rows);
        List<String> words = new ArrayList<>();
        for (Command<C> row : rows) {
            words.add(row.lastWord());
        }
        subcommandNames = new NameIndex<>(words, rows);
    }

    NameIndex<C> subcommandNames() {
        return subcommandNames;
    }

    private int words() {
        return fullName.indexOf('|') < 0 ? 1 : 2;
    }

    /** The last word of the name, which for a subcommand is its own. */
    String lastWord() {
        return name.substring(name.lastIndexOf(' ') + 1);
    }

    /** The name as declared: {@code "CLIENT LIST"}. */
    public String name() {
        return name;
    }

    /** The name in replies and statistics: {@code "client|list"}. */
    public String fullName() {
        return fullName;
    }

    public Syntax syntax() {
        return syntax;
    }

    public CommandDoc doc() {
        return doc;
    }

    public Group group() {
        return group == null ? Group.GENERIC : group;
    }

    public List<String> tips() {
        return tips;
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
        return arity < 0 ? count >= -arity && count <= argumentsMax : count == arity;
    }

    public boolean is(CommandFlag flag) {
        return (flagBits & flag.bit()) != 0;
    }

    public long flagBits() {
        return flagBits;
    }

    /** All access categories: those declared or else the group's, and those that follow from the flags. */
    public long categoryBits() {
        long bits = categoriesDeclared ? declaredCategories : body == null ? 0 : group().categoryBit();
        boolean scripting = (bits & AclCategory.SCRIPTING.bit()) != 0;
        bits |= implied(CommandFlag.WRITE, AclCategory.WRITE);
        bits |= scripting ? 0 : implied(CommandFlag.READONLY, AclCategory.READ);
        bits |= implied(CommandFlag.ADMIN, AclCategory.ADMIN) | implied(CommandFlag.ADMIN, AclCategory.DANGEROUS);
        bits |= implied(CommandFlag.PUBSUB, AclCategory.PUBSUB);
        bits |= implied(CommandFlag.FAST, AclCategory.FAST);
        bits |= implied(CommandFlag.BLOCKING, AclCategory.BLOCKING);
        return (bits & AclCategory.FAST.bit()) != 0 ? bits : bits | AclCategory.SLOW.bit();
    }

    private long implied(CommandFlag flag, AclCategory category) {
        return is(flag) ? category.bit() : 0;
    }

    public KeySpecs keySpecs() {
        return keySpecs;
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

    /**
     * Visits all keys of a request of this command, also those that are only routed like keys. Returns how many there are;
     * -1 if the arguments make no sense, and then none was visited.
     */
    public int keys(Request request, KeyVisitor visitor) {
        return keySpecs.visit(request, visitor);
    }

    /** What the command does; null for one that only has subcommands. */
    public Body<? super C> body() {
        return body;
    }

    public List<Command<C>> subcommands() {
        return subcommands;
    }

    /** The command that this one is a subcommand of; null if it is none. */
    public Command<C> container() {
        return container;
    }

    @Override
    public String toString() {
        return fullName;
    }
}
