package io.granary.node.config;

import java.util.List;

/** The syntax of whole numbers in a range: plain, as sizes in bytes, as sizes or percentages, or in base eight. */
final class WholeNumber implements NumberSyntax {
    /** No upper bound: all 64 bits of an unsigned size. */
    static final long UNBOUNDED = -1;

    private enum Form { PLAIN, BYTES, BYTES_OR_PERCENT, OCTAL }

    private final Form form;
    private final long least;
    private final long most;

    private WholeNumber(Form form, long least, long most) {
        this.form = form;
        this.least = least;
        this.most = most;
    }

    static WholeNumber between(long least, long most) {
        return new WholeNumber(Form.PLAIN, least, most);
    }

    static WholeNumber bytes(long least, long most) {
        return new WholeNumber(Form.BYTES, least, most);
    }

    static WholeNumber bytesOrPercent(int highestPercent, long most) {
        return new WholeNumber(Form.BYTES_OR_PERCENT, -highestPercent, most);
    }

    static WholeNumber octal(long least, long most) {
        return new WholeNumber(Form.OCTAL, least, most);
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        long number = read(words.getFirst());
        checkRange(number);
        return shown(number);
    }

    private long read(String word) throws BadValueException {
        NumberText text = new NumberText(word);
        boolean read = switch (form) {
            case PLAIN -> text.readWhole();
            case BYTES -> text.readBytes();
            case BYTES_OR_PERCENT -> text.readBytes() || text.readPercent();
            case OCTAL -> text.readPrefix(8) && text.atEnd();
        };
        if (!read) {
            throw new BadValueException(switch (form) {
                case PLAIN -> "argument couldn't be parsed into an integer";
                case BYTES -> "argument must be a memory value";
                case BYTES_OR_PERCENT -> "argument must be a memory or percent value";
                case OCTAL -> "argument couldn't be parsed as an octal number";
            });
        }
        return text.number();
    }

    private void checkRange(long number) throws BadValueException {
        if (form == Form.BYTES_OR_PERCENT && number < 0) {
            if (number < least) {
                throw new BadValueException("percentage argument must be less or equal to " + -least);
            }
        } else if (most != UNBOUNDED && (number < least || number > most)) {
            throw new BadValueException("argument must be between " + bound(least) + " and " + bound(most) + " inclusive");
        }
    }

    private String bound(long number) {
        return form == Form.OCTAL ? Long.toOctalString(number) : Long.toString(number);
    }

    private String shown(long number) {
        return switch (form) {
            case PLAIN -> Long.toString(number);
            case BYTES -> Long.toUnsignedString(number);
            case BYTES_OR_PERCENT -> number < 0 ? -number + "%" : Long.toString(number);
            case OCTAL -> Long.toOctalString(number);
        };
    }

    @Override
    public long number(String value) {
        if (form == Form.OCTAL) {
            return Long.parseLong(value, 8);
        }
        if (value.endsWith("%")) {
            return -Long.parseLong(value.substring(0, value.length() - 1));
        }
        long number = form == Form.PLAIN ? Long.parseLong(value) : Long.parseUnsignedLong(value);
        return form == Form.PLAIN || number >= 0 ? number : Long.MAX_VALUE;
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        boolean size = (form == Form.BYTES || form == Form.BYTES_OR_PERCENT) && !value.endsWith("%");
        String written = size ? NumberText.bytesInUnits(Long.parseUnsignedLong(value)) : value;
        return List.of(new RewriteLine(directive.name() + ' ' + written, !value.equals(initial(directive.initial()))));
    }

    @Override
    public String shape() {
        return switch (form) {
            case PLAIN -> range();
            case BYTES -> "bytes" + (most == UNBOUNDED && least == 0 ? "" : ", " + range());
            case BYTES_OR_PERCENT -> "bytes, or a percentage up to " + -least + "%";
            case OCTAL -> "octal, " + bound(least) + " to " + bound(most);
        };
    }

    private String range() {
        boolean open = most == UNBOUNDED || most == Long.MAX_VALUE;
        if (least == Integer.MIN_VALUE) {
            return "a whole number";
        }
        String from = form == Form.BYTES ? NumberText.bytesInUnits(least) : Long.toString(least);
        return open ? from + " or more" : from + " to " + bound(most);
    }
}
