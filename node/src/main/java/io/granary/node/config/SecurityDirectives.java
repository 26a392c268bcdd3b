package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.optionalText;

import java.util.List;

/** The directives about passwords and users. */
final class SecurityDirectives {
    static final List<Directive> TABLE = List.of(
            optionalText("requirepass", "The password that clients must give.").secret().effective(),
            of("aclfile", FreeText.any(TextRule.NO_ACL_FILE), "", "The file of users.").fixed(),
            number("acllog-max-len", 0, Long.MAX_VALUE, 128, "Refusals that ACL LOG remembers."),
            choice("acl-pubsub-default", "resetchannels", "The channels of a new user.", "allchannels", "resetchannels"));

    private SecurityDirectives() { }
}
