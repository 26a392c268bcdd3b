package io.granary.node.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One CONFIG SET: find all settings, then assign all values, then call the listeners of those that changed; whatever refuses
 * undoes it all. The first objection in this order is the one that is answered.
 */
final class ConfigUpdate {
    private final Configuration configuration;
    private final List<String> words;
    private final boolean guardedAllowed;
    private final List<String> names = new ArrayList<>();
    private final List<Setting> settings = new ArrayList<>();
    private final List<String> before = new ArrayList<>();
    private final List<ChangeListener> called = new ArrayList<>();

    ConfigUpdate(Configuration configuration, List<String> words, boolean guardedAllowed) {
        this.configuration = configuration;
        this.words = words;
        this.guardedAllowed = guardedAllowed;
    }

    void run() throws BadValueException {
        for (int i = 0; i < words.size(); i += 2) {
            find(words.get(i));
        }
        for (int i = 0; i < settings.size(); i++) {
            try {
                assign(settings.get(i), words.get(2 * i + 1));
            } catch (BadValueException refused) {
                restore();
                throw failed(names.get(i), refused.getMessage());
            }
        }
        for (int i = 0; i < settings.size(); i++) {
            Setting setting = settings.get(i);
            if (setting.directive().isReloaded() || !setting.raw().equals(before.get(i))) {
                call(setting, names.get(i));
            }
        }
    }

    private void find(String asked) throws BadValueException {
        String name = Latin1.lower(asked);
        Setting setting = configuration.find(name);
        if (setting == null) {
            throw new BadValueException("Unknown option or number of arguments for CONFIG SET - '" + asked + "'");
        }
        Directive directive = setting.directive();
        if (directive.isFixed()) {
            throw failed(asked, "can't set immutable config");
        }
        if (directive.isGuarded() && !guardedAllowed) {
            throw failed(asked, "can't set protected config");
        }
        if (names.contains(name)) {
            throw failed(asked, "duplicate parameter");
        }
        names.add(name);
        settings.add(setting);
        before.add(setting.raw());
    }

    private static void assign(Setting setting, String value) throws BadValueException {
        ValueSyntax syntax = setting.directive().syntax();
        List<String> words = List.of(value);
        if (syntax.takesManyWords()) {
            words = value.isEmpty() ? List.of() : Arrays.asList(value.split(" ", -1));
        }
        setting.assign(syntax.parse(words, syntax.linesAddUp() ? "" : setting.raw()));
    }

    private void call(Setting setting, String name) throws BadValueException {
        for (ChangeListener listener : setting.listeners()) {
            if (called.contains(listener)) {
                continue;
            }
            called.add(listener);
            try {
                listener.changed();
            } catch (BadValueException refused) {
                restore();
                callAgain();
                throw failed(name, refused.getMessage());
            }
        }
    }

    private void restore() {
        for (int i = 0; i < settings.size(); i++) {
            settings.get(i).assign(before.get(i));
        }
    }

    private void callAgain() {
        for (ChangeListener listener : called) {
            try {
                listener.changed();
            } catch (BadValueException _) {
                // What was in force a moment ago; a part that now refuses it keeps what it has, and has logged why.
            }
        }
    }

    private static BadValueException failed(String name, String reason) {
        return new BadValueException("CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }
}
