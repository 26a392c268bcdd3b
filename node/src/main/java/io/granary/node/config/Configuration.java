package io.granary.node.config;

import io.granary.slots.command.Glob;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of one node. Parts of the node ask for theirs by name once and keep them: reading one is reading a volatile
 * field. All methods may be called by any thread.
 */
public final class Configuration {
    private final Setting[] settings;
    /** By name and by alias. */
    private final Map<String, Setting> byName;
    private final Map<String, String> renamedCommands = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> withoutEffect = new ArrayList<>();
    private Path file;

    private Configuration() {
        List<Directive> table = Directives.all();
        settings = new Setting[table.size()];
        byName = HashMap.newHashMap(table.size() + 32);
        for (int i = 0; i < settings.length; i++) {
            Directive directive = table.get(i);
            Setting setting = directive.syntax().setting(directive);
            setting.assign(directive.syntax().initial(directive.initial()));
            settings[i] = setting;
            byName.put(directive.name(), setting);
            if (directive.alias() != null) {
                byName.put(directive.alias(), setting);
            }
        }
    }

    /** What a node has that is told nothing. */
    public static Configuration initial() {
        return new Configuration();
    }

    /**
     * Reads what the arguments name.
     *
     * @param standardInput read to its end if the arguments have a {@code -}
     * @throws ConfigFileException with what to print
     */
    public static Configuration of(ServerArguments arguments, InputStream standardInput) throws ConfigFileException {
        Configuration configuration = new Configuration();
        if (arguments.file() != null) {
            configuration.file = configuration.directory().resolve(Latin1.toUtf8(arguments.file()));
        }
        new ConfigReader(configuration).read(arguments, standardInput);
        return configuration;
    }

    /** Reads arguments as those of {@code granary-server}, for nodes in tests: {@code "--port", "0", "--dir", folder}. */
    public static Configuration of(String... arguments) {
        try {
            return of(ServerArguments.of(arguments), InputStream.nullInputStream());
        } catch (ConfigFileException refused) {
            throw new IllegalArgumentException(refused.report(""), refused);
        }
    }

    public LongSetting number(String directive) {
        return (LongSetting) existing(directive);
    }

    public BooleanSetting flag(String directive) {
        return (BooleanSetting) existing(directive);
    }

    public TextSetting text(String directive) {
        return (TextSetting) existing(directive);
    }

    public ChoiceSetting choice(String directive) {
        return (ChoiceSetting) existing(directive);
    }

    private Setting existing(String directive) {
        Setting setting = byName.get(directive);
        if (setting == null) {
            throw new IllegalArgumentException("no directive " + directive);
        }
        return setting;
    }

    /** The setting of a name or alias in lower case, or null. */
    Setting find(String name) {
        return byName.get(name);
    }

    /** The setting whose name differs only in dashes and underscores, or null. */
    Setting findLoosely(String name) {
        String wanted = withoutSeparators(name);
        for (Map.Entry<String, Setting> entry : byName.entrySet()) {
            if (withoutSeparators(entry.getKey()).equals(wanted)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static String withoutSeparators(String name) {
        return name.replace("-", "").replace("_", "");
    }

    /** The configuration file in use, or null. */
    public Path file() {
        return file;
    }

    /** The folder of the node's files: the value of {@code dir}. */
    public Path directory() {
        return Path.of(text("dir").value());
    }

    /** Where the file lies that a directive names, or null if it names none. */
    public Path path(String directive) {
        TextSetting setting = text(directive);
        return setting.isEmpty() ? null : directory().resolve(setting.value());
    }

    /** What {@code rename-command} asks for: old names in lower case, and new ones; an empty one removes the command. */
    public Map<String, String> renamedCommands() {
        return Map.copyOf(renamedCommands);
    }

    /** What the log should say about the values once it is open. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The directives of the file or the arguments that have another value than the initial one, but no effect. */
    public List<String> withoutEffect() {
        return List.copyOf(withoutEffect);
    }

    /** Whether a value must be kept from logs and monitors. */
    public boolean isSecret(String name) {
        Setting setting = byName.get(Latin1.lower(name));
        return setting != null && setting.directive().isSecret();
    }

    /**
     * What CONFIG GET answers: names, as they were asked or as the table and its aliases have them, and values.
     *
     * @param patterns names in any case, or patterns
     */
    public Map<String, String> matching(List<String> patterns) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String pattern : patterns) {
            if (pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0 && pattern.indexOf('[') < 0) {
                Setting setting = byName.get(Latin1.lower(pattern));
                if (setting != null) {
                    found.put(pattern, setting.raw());
                }
            } else {
                addMatching(found, Glob.of(pattern, true));
            }
        }
        return found;
    }

    private void addMatching(Map<String, String> found, Glob pattern) {
        for (Setting setting : settings) {
            Directive directive = setting.directive();
            if (directive.isHidden()) {
                continue;
            }
            if (pattern.matches(directive.name())) {
                found.put(directive.name(), setting.raw());
            }
            if (directive.alias() != null && pattern.matches(directive.alias())) {
                found.put(directive.alias(), setting.raw());
            }
        }
    }

    /** Whether there is one among names and values, in turn, that is not to change while data are loaded. */
    boolean anyKeptWhileLoading(List<String> namesAndValues) {
        for (int i = 0; i < namesAndValues.size(); i += 2) {
            Setting setting = find(Latin1.lower(namesAndValues.get(i)));
            if (setting != null && setting.directive().isKeptWhileLoading()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Changes several values or, if any of them is refused, none.
     *
     * @param namesAndValues in turn
     * @param local          whether the client sits on this machine
     * @throws BadValueException with the text of the error reply behind its code
     */
    public synchronized void set(List<String> namesAndValues, boolean local) throws BadValueException {
        boolean guardedAllowed = switch (choice("enable-protected-configs").value()) {
            case "yes" -> true;
            case "local" -> local;
            default -> false;
        };
        new ConfigUpdate(this, namesAndValues, guardedAllowed).run();
    }

    /**
     * Writes the values in force into the configuration file.
     *
     * @throws BadValueException with the text of the error reply behind its code
     */
    public synchronized void rewrite() throws BadValueException {
        if (file == null) {
            throw new BadValueException("The server is running without a config file");
        }
        new ConfigRewrite(this, file, false).run();
    }

    /** Takes note of a value that clients set by other means than CONFIG SET: REPLICAOF. Nobody is told. */
    public void note(String name, String value) {
        text(name).assign(value);
    }

    /** As {@link #rewrite}, with a line for every directive, whatever its value. */
    public synchronized void rewriteAll() throws BadValueException {
        if (file == null) {
            throw new BadValueException("The server is running without a config file");
        }
        new ConfigRewrite(this, file, true).run();
    }

    Setting[] settings() {
        return settings;
    }

    void assignFromFile(Setting setting, String value) {
        Directive directive = setting.directive();
        if (!directive.isEffective() && !value.equals(directive.initial()) && !withoutEffect.contains(setting.name())) {
            withoutEffect.add(setting.name());
        }
        setting.assign(value);
    }

    /** Notes a new name for a command; always true, for the reader's table. */
    boolean rename(String command, String newName) {
        renamedCommands.put(Latin1.lower(command), newName);
        return true;
    }

    /** Checks what no line tells by itself, after each file. */
    void settle() throws ConfigFileException {
        checkLogFile();
        boolean clustered = flag("cluster-enabled").value();
        if (clustered && !text("replicaof").isEmpty()) {
            throw ConfigFileException.contradiction("replicaof directive not allowed in cluster mode");
        }
        checkSeeds();
        LongSetting databases = number("databases");
        if (clustered && databases.value() > 1) {
            warnings.add("WARNING: Changing databases number from " + databases.raw()
                    + " to 1 since we are in cluster mode");
            databases.assign("1");
        }
    }

    private void checkSeeds() throws ConfigFileException {
        long wanted = number("cluster-init-primaries").value() * (1 + number("cluster-init-replicas").value());
        int seeds = SeedNodes.of(text("cluster-seed-nodes").value()).size();
        if (seeds > 0 && wanted > seeds) {
            throw ConfigFileException.contradiction("cluster-init-primaries and cluster-init-replicas want " + wanted
                    + " nodes, but cluster-seed-nodes lists " + seeds);
        }
    }

    private void checkLogFile() throws ConfigFileException {
        Path log = path("logfile");
        if (log == null || Files.isWritable(log) && !Files.isDirectory(log)) {
            return;
        }
        Path folder = log.toAbsolutePath().getParent();
        String reason = Files.isDirectory(log) ? "Is a directory"
                : Files.exists(log) || Files.isDirectory(folder) && !Files.isWritable(folder) ? "Permission denied"
                : Files.isDirectory(folder) ? null
                : Files.exists(folder) ? "Not a directory" : "No such file or directory";
        if (reason != null) {
            throw ConfigFileException.contradiction("Can't open the log file: " + reason);
        }
    }
}
