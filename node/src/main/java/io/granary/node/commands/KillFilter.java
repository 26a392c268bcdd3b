package io.granary.node.commands;

import io.granary.node.client.ClientProfile;
import io.granary.node.client.ClientSession;
import io.granary.node.client.ClientType;
import io.granary.node.dispatch.NodeCall;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import java.util.Locale;

/** Which clients CLIENT KILL means; null or 0 stands for anything. */
record KillFilter(
        String address, String localAddress, ClientType type, String user, long id, long ageSeconds, boolean skipSelf) {

    /** The old form, with an address and nothing else. */
    static KillFilter ofAddress(String address) {
        return new KillFilter(address, null, null, null, 0, 0, false);
    }

    /** The form with options, behind CLIENT KILL. */
    static KillFilter parse(NodeCall call) {
        String address = null;
        String localAddress = null;
        ClientType type = null;
        String user = null;
        long id = 0;
        long age = 0;
        boolean skipSelf = true;
        for (int i = 2; i < call.argc(); i += 2) {
            if (i + 1 >= call.argc()) {
                throw Errors.SYNTAX;
            }
            switch (call.request().toText(i).toUpperCase(Locale.ROOT)) {
                case "ID" -> id = positive(call, i + 1,
                        "client-id should be greater than 0", "client-id should be greater than 0");
                case "MAXAGE" -> age = positive(call, i + 1,
                        "maxage is not an integer or out of range", "maxage should be greater than 0");
                case "TYPE" -> type = ClientCommands.clientType(call, i + 1);
                case "ADDR" -> address = call.request().toText(i + 1);
                case "LADDR" -> localAddress = call.request().toText(i + 1);
                case "USER" -> user = knownUser(call.request().toText(i + 1));
                case "SKIPME" -> skipSelf = yesOrNo(call, i + 1);
                default -> throw Errors.SYNTAX;
            }
        }
        return new KillFilter(address, localAddress, type, user, id, age, skipSelf);
    }

    private static long positive(NodeCall call, int argument, String notANumber, String notPositive) {
        long value;
        try {
            value = call.integerArg(argument);
        } catch (CommandException _) {
            throw Errors.err(notANumber);
        }
        if (value <= 0) {
            throw Errors.err(notPositive);
        }
        return value;
    }

    private static String knownUser(String user) {
        if (!user.equals("default")) {
            throw Errors.err("No such user '" + user + "'");
        }
        return user;
    }

    private static boolean yesOrNo(NodeCall call, int argument) {
        boolean yes = call.is(argument, "YES");
        if (!yes && !call.is(argument, "NO")) {
            throw Errors.SYNTAX;
        }
        return yes;
    }

    boolean matches(ClientSession session, ClientSession caller, long nowMs) {
        ClientProfile profile = session.profile();
        return (address == null || address.equals(profile.address()))
                && (localAddress == null || localAddress.equals(profile.localAddress()))
                && (type == null || type == ClientType.of(session))
                && (user == null || user.equals(profile.user()))
                && (id == 0 || id == session.id())
                && (ageSeconds == 0 || (nowMs - profile.createdMs()) / 1000 >= ageSeconds)
                && !(skipSelf && session == caller);
    }
}
