package io.granary.node.migrate;

import static io.granary.slots.command.CommandFlag.WRITE;

import io.granary.node.dispatch.NodeCall;
import io.granary.resp.Request;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.command.KeySpec;
import io.granary.slots.command.KeyVisitor;
import io.granary.slots.keyspace.SlotStore;
import java.util.ArrayList;
import java.util.List;

/** MIGRATE: reads what is wanted, and lets its client wait until it was done. */
public final class MigrateCommand {

    private static final int KEY = 3;
    private static final int OPTIONS = 6;
    private static final long DEFAULT_TIMEOUT_MS = 1000;

    private final Transfers transfers;

    public MigrateCommand(Transfers transfers) {
        this.transfers = transfers;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.GENERIC, Command.of("MIGRATE",
                        "host port:integer <key | \"\"> destination-db:integer timeout:integer [COPY] [REPLACE] "
                                + "[[AUTH password] | [AUTH2 username password]] [KEYS key [key ...]]", this::migrate)
                .doc("2.6.0", "As DUMP and DEL here and RESTORE there, and O(N) to send N bytes.",
                        "Moves keys to another server.")
                .flags(WRITE)
                .keySpec(KeySpec.range(KEY, 0, 1, KeyFlag.RW, KeyFlag.ACCESS, KeyFlag.DELETE))
                .keySpec(KeySpec.behind("KEYS", -2, -1, KeyFlag.RW, KeyFlag.ACCESS, KeyFlag.DELETE, KeyFlag.INCOMPLETE))
                .keyFinder(MigrateCommand::findKeys)
                .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS)
                .tips("nondeterministic_output")
                .history("3.0.0", "Added the `COPY` and `REPLACE` options.")
                .history("3.0.6", "Added the `KEYS` option.")
                .history("4.0.7", "Added the `AUTH` option.")
                .history("6.0.0", "Added the `AUTH2` option."));
    }

    /** Only for requests in which KEYS stands somewhere, be it as a password. */
    private static int findKeys(Request request, KeyVisitor visitor) {
        int flags = KeyFlag.RW.bit() | KeyFlag.ACCESS.bit() | KeyFlag.DELETE.bit();
        int keys = keysOption(request);
        if (keys < 0) {
            visitor.visit(KEY, flags);
            return 1;
        }
        if (request.length(KEY) > 0) {
            return -1;
        }
        for (int i = keys + 1; i < request.count(); i++) {
            visitor.visit(i, flags);
        }
        return request.count() - keys - 1;
    }

    /** Where the option KEYS stands, or -1. */
    private static int keysOption(Request request) {
        for (int i = OPTIONS; i < request.count(); i++) {
            if (request.is(i, "KEYS")) {
                return i;
            }
            i += request.is(i, "AUTH2") ? 2 : request.is(i, "AUTH") ? 1 : 0;
        }
        return -1;
    }

    /** What follows the five arguments that are always there. */
    private static final class Options {

        private boolean copy;
        private boolean replace;
        private String user;
        private String password;
        private int firstKey = KEY;
        private int keysEnd = KEY + 1;

        Options(NodeCall call) {
            for (int i = OPTIONS; i < call.argc(); i++) {
                int more = call.argc() - 1 - i;
                if (call.is(i, "COPY")) {
                    copy = true;
                } else if (call.is(i, "REPLACE")) {
                    replace = true;
                } else if (call.is(i, "AUTH") && more > 0) {
                    password = call.request().toText(++i);
                } else if (call.is(i, "AUTH2") && more > 1) {
                    user = call.request().toText(++i);
                    password = call.request().toText(++i);
                } else if (call.is(i, "KEYS")) {
                    keys(call, i + 1);
                    break;
                } else {
                    throw Errors.SYNTAX;
                }
            }
        }

        private void keys(NodeCall call, int first) {
            if (call.request().length(KEY) != 0) {
                throw Errors.err("When using MIGRATE KEYS option, the key argument must be set to the empty string");
            }
            firstKey = first;
            keysEnd = call.argc();
        }
    }

    private void migrate(NodeCall call) {
        Options options = new Options(call);
        long timeoutMs = call.integerArg(5);
        long database = call.integerArg(4);
        if (call.inTransaction()) {
            throw Errors.err("MIGRATE is not possible inside a transaction here: no slot waits for another server");
        }
        List<byte[]> keys = new ArrayList<>();
        for (int i = options.firstKey; i < options.keysEnd; i++) {
            if (call.lookupRead(i) != SlotStore.NONE) {
                keys.add(call.request().toBytes(i));
            }
        }
        if (keys.isEmpty()) {
            call.reply().status("NOKEY");
            return;
        }
        transfers.begin(call.session(), new Transfer(
                call.request().toText(1), port(call), call.session().database(), database, call.store().slot(), keys,
                timeoutMs <= 0 ? DEFAULT_TIMEOUT_MS : timeoutMs, options.copy, options.replace, options.user,
                options.password));
    }

    /** As atoi reads it: what is no port leads to nobody. */
    private static int port(NodeCall call) {
        String digits = call.request().toText(2).replaceFirst("^\\s*([0-9]{1,5}).*$", "$1");
        return digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
    }
}
