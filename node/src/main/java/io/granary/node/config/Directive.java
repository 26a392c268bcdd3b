package io.granary.node.config;

/**
 * One row of the table of directives.
 *
 * @param alias   an older name that stays valid, or null
 * @param initial the value of a node that is told nothing
 * @param traits  a set of the constants below
 * @param summary one line for the reference
 */
public record Directive(String name, String alias, ValueSyntax syntax, String initial, int traits, String summary) {
    /** CONFIG SET refuses it. */
    private static final int FIXED = 1;
    /** CONFIG SET refuses it unless enable-protected-configs allows. */
    private static final int GUARDED = 2;
    /** CONFIG GET shows it only when asked by its full name. */
    private static final int HIDDEN = 4;
    /** Its value must not appear in MONITOR and SLOWLOG. */
    private static final int SECRET = 8;
    /** A part of this node obeys it; otherwise it is taken and shown, and nothing more. */
    private static final int EFFECTIVE = 16;
    /** Its listeners are called even if CONFIG SET gives the value that it has: a file's content may have changed. */
    private static final int RELOADED = 32;
    /** CONFIG SET has to wait while data are loaded, beside others or not. */
    private static final int KEPT_WHILE_LOADING = 64;

    static Directive of(String name, ValueSyntax syntax, String initial, String summary) {
        return new Directive(name, null, syntax, initial, 0, summary);
    }

    static Directive flag(String name, boolean initial, String summary) {
        return of(name, YesNo.SYNTAX, initial ? "yes" : "no", summary);
    }

    static Directive number(String name, long least, long most, long initial, String summary) {
        return of(name, WholeNumber.between(least, most), Long.toString(initial), summary);
    }

    static Directive port(String name, int initial, String summary) {
        return number(name, 0, 65535, initial, summary);
    }

    /** A size in bytes. */
    static Directive size(String name, long least, long most, long initial, String summary) {
        return of(name, WholeNumber.bytes(least, most), Long.toString(initial), summary);
    }

    static Directive choice(String name, String initial, String summary, String... words) {
        return of(name, new OneOf(words), initial, summary);
    }

    /** A text whose empty value is a value like others. */
    static Directive text(String name, String initial, String summary) {
        return of(name, FreeText.ANY, initial, summary);
    }

    /** A text that is not set while it is empty. */
    static Directive optionalText(String name, String summary) {
        return of(name, FreeText.OPTIONAL, "", summary);
    }

    Directive alias(String older) {
        return new Directive(name, older, syntax, initial, traits, summary);
    }

    Directive fixed() {
        return with(FIXED);
    }

    Directive guarded() {
        return with(GUARDED);
    }

    Directive hidden() {
        return with(HIDDEN);
    }

    Directive secret() {
        return with(SECRET);
    }

    Directive effective() {
        return with(EFFECTIVE);
    }

    Directive reloaded() {
        return with(RELOADED);
    }

    Directive keptWhileLoading() {
        return with(KEPT_WHILE_LOADING);
    }

    private Directive with(int trait) {
        return new Directive(name, alias, syntax, initial, traits | trait, summary);
    }

    public boolean isFixed() {
        return (traits & FIXED) != 0;
    }

    public boolean isGuarded() {
        return (traits & GUARDED) != 0;
    }

    public boolean isHidden() {
        return (traits & HIDDEN) != 0;
    }

    public boolean isSecret() {
        return (traits & SECRET) != 0;
    }

    public boolean isEffective() {
        return (traits & EFFECTIVE) != 0;
    }

    boolean isKeptWhileLoading() {
        return (traits & KEPT_WHILE_LOADING) != 0;
    }

    boolean isReloaded() {
        return (traits & RELOADED) != 0;
    }
}
