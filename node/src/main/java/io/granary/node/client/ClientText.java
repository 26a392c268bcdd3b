package io.granary.node.client;

import io.granary.slots.command.Command;
import java.util.Locale;

/** One client as a line of CLIENT LIST and CLIENT INFO, field by field as Redis 7.4 writes it. */
public final class ClientText {

    private ClientText() {}

    public static String of(ClientSession session) {
        return of(session, session.registry().nowMs());
    }

    public static String of(ClientSession session, long nowMs) {
        ClientProfile p = session.profile();
        StringBuilder line = new StringBuilder(384);
        line.append("id=").append(session.id());
        line.append(" addr=").append(p.address());
        line.append(" laddr=").append(p.localAddress());
        line.append(" fd=").append(p.fd());
        line.append(" name=").append(p.name());
        line.append(" age=").append(Math.max(0, (nowMs - p.createdMs()) / 1000));
        line.append(" idle=").append(Math.max(0, (nowMs - p.lastActiveMs()) / 1000));
        line.append(" flags=").append(flags(session, p));
        line.append(" db=").append(p.database());
        line.append(" sub=0 psub=0 ssub=0");
        line.append(" multi=").append(p.queued());
        line.append(" watch=").append(p.watched());
        int input = session.inputBytes();
        int capacity = session.inputCapacity();
        Follower follower = session.follower();
        long output = session.outputBytes() + (follower == null ? 0 : follower.waitingBytes());
        line.append(" qbuf=").append(input);
        line.append(" qbuf-free=").append(Math.max(0, capacity - input));
        line.append(" argv-mem=0 multi-mem=").append(session.transaction().bytes());
        line.append(" rbs=0 rbp=0 obl=0 oll=").append(output > 0 ? 1 : 0);
        line.append(" omem=").append(output);
        line.append(" tot-mem=").append(capacity + output + session.transaction().bytes());
        line.append(" events=r");
        line.append(" cmd=").append(lastCommand(p));
        line.append(" user=").append(p.user());
        line.append(" redir=-1");
        line.append(" resp=").append(p.protocol());
        line.append(" lib-name=").append(p.libraryName());
        line.append(" lib-ver=").append(p.libraryVersion());
        return line.toString();
    }

    static String lastCommand(ClientProfile p) {
        Command<?> last = p.lastCommand();
        return last == null ? "NULL" : last.name().toLowerCase(Locale.ROOT).replace(' ', '|');
    }

    private static String flags(ClientSession session, ClientProfile p) {
        StringBuilder flags = new StringBuilder();
        if (session.follower() != null) {
            flags.append('S');
        }
        if (session.ofPrimary()) {
            flags.append('M');
        }
        if (p.monitor()) {
            flags.append('O');
        }
        if (p.queued() >= 0) {
            flags.append('x');
        }
        if (session.suspension().suspended()) {
            flags.append('b');
        }
        if (session.transaction().spoiled()) {
            flags.append('d');
        }
        if (session.closing()) {
            flags.append('A');
        }
        if (p.unixSocket()) {
            flags.append('U');
        }
        if (p.readOnly()) {
            flags.append('r');
        }
        if (p.noEvict()) {
            flags.append('e');
        }
        if (p.noTouch()) {
            flags.append('T');
        }
        return flags.isEmpty() ? "N" : flags.toString();
    }
}
