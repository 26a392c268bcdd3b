package io.granary.node.config;

/** What the text of a directive must be. */
enum TextRule {
    NONE("text"),
    /** A file name without a path. */
    SNAPSHOT_NAME("a file name"),
    LOG_NAME("a file name"),
    LOG_FOLDER("a folder name"),
    HOSTNAME("a host name"),
    NODENAME("a name"),
    /** A text with variables in braces, where two opening braces are a brace itself. */
    TITLE_TEMPLATE("a template"),
    /** Only the empty text: a node that seemed to obey a list of users would be open to all. */
    NO_ACL_FILE("empty");

    private static final int LONGEST_HOSTNAME = 255;
    private static final String TITLE_VARIABLES =
            "{title}{listen-addr}{server-mode}{port}{tls-port}{unixsocket}{config-file}";

    private final String shape;

    TextRule(String shape) {
        this.shape = shape;
    }

    String shape() {
        return shape;
    }

    /** The reason to refuse a text, or null. */
    String objection(String text) {
        return switch (this) {
            case NONE -> null;
            case SNAPSHOT_NAME -> isPath(text) ? "dbfilename can't be a path, just a filename" : null;
            case LOG_NAME -> text.isEmpty() ? "appendfilename can't be empty"
                    : isPath(text) ? "appendfilename can't be a path, just a filename" : null;
            case LOG_FOLDER -> text.isEmpty() ? "appenddirname can't be empty"
                    : isPath(text) ? "appenddirname can't be a path, just a dirname" : null;
            case HOSTNAME -> hostnameObjection(text);
            case NODENAME -> nodenameObjection(text);
            case TITLE_TEMPLATE -> isTitle(text) ? null : "template format is invalid or contains unknown variables";
            case NO_ACL_FILE -> text.isEmpty() ? null : "ACL files are not supported, use requirepass";
        };
    }

    private static boolean isPath(String text) {
        return text.indexOf('/') >= 0 || text.indexOf('\\') >= 0;
    }

    private static String hostnameObjection(String name) {
        if (name.length() > LONGEST_HOSTNAME) {
            return "Hostnames must be less than 256 characters";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!alphanumeric && c != '-' && c != '.') {
                return "Hostnames may only contain alphanumeric characters, hyphens or dots";
            }
        }
        return null;
    }

    private static String nodenameObjection(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            // Redis's list, and what would end a field of nodes.conf: blanks, commas, the sign between name and value.
            if (c <= ' ' || c == 0x7f || "!#$%&()*+:;<>?@[]^{|}~,=".indexOf(c) >= 0) {
                return "Announced human node name contained invalid character";
            }
        }
        return null;
    }

    private static boolean isTitle(String template) {
        int open = template.indexOf('{');
        while (open >= 0) {
            boolean quoted = template.startsWith("{{", open);
            int close = quoted ? open + 1 : template.indexOf('}', open);
            if (close < 0 || !quoted && !TITLE_VARIABLES.contains(template.substring(open, close + 1))) {
                return false;
            }
            open = template.indexOf('{', close + 1);
        }
        return !template.isEmpty();
    }
}
