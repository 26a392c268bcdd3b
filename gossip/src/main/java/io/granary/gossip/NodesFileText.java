package io.granary.gossip;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** The nodes file as text: how a line is written, and over what its checksum goes. */
final class NodesFileText {

    static final String CONTESTED = " contested ";
    static final String HAND_OVERS = " handovers ";
    static final String ABANDONED = " abandoned ";
    static final String ARRIVALS = " arrivals ";
    static final String GRANTS = " grants ";
    static final String CHECKSUM = " crc32c ";

    private NodesFileText() {}

    static String write(NodesFile file) {
        StringBuilder text = new StringBuilder();
        for (NodesFile.Entry node : file.nodes()) {
            line(text, file, node);
        }
        text.append("vars currentEpoch ").append(file.currentEpoch());
        text.append(" lastVoteEpoch ").append(file.lastVoteEpoch());
        String separator = CONTESTED;
        for (Map.Entry<NodeId, Long> contest : new TreeMap<>(file.contested()).entrySet()) {
            text.append(separator).append(contest.getKey()).append(':').append(contest.getValue());
            separator = ",";
        }
        separator = HAND_OVERS;
        for (NodesFile.OpenHandOver open : file.handOvers()) {
            text.append(separator).append(open.stage().word()).append(':').append(open.job()).append(':');
            text.append(open.other()).append(':').append(open.epoch()).append(':');
            text.append(word(open.slots()));
            separator = ",";
        }
        if (!file.abandoned().isEmpty()) {
            text.append(ABANDONED).append(word(file.abandoned()));
        }
        separator = GRANTS;
        for (SlotGrant grant : file.grants()) {
            text.append(separator).append(grant.holder()).append(':').append(grant.job()).append(':');
            text.append(grant.target()).append(':').append(grant.epoch()).append(':').append(word(grant.slots()));
            separator = ",";
        }
        separator = ARRIVALS;
        for (Map.Entry<NodeId, SlotBitmap> arrival : new TreeMap<>(file.arrivals()).entrySet()) {
            text.append(separator).append(arrival.getKey()).append(':').append(word(arrival.getValue()));
            separator = ",";
        }
        text.append(CHECKSUM);
        return text.append(checksum(text)).append('\n').toString();
    }

    private static String word(SlotBitmap slots) {
        return slots.toString().replace(' ', '+');
    }

    private static void line(StringBuilder text, NodesFile file, NodesFile.Entry node) {
        text.append(node.id()).append(' ').append(node.ip()).append(':').append(node.port()).append('@');
        text.append(node.busPort()).append(',').append(node.hostname()).append(",tls-port=").append(node.tlsPort());
        if (!node.humanName().isEmpty()) {
            text.append(",nodename=").append(node.humanName());
        }
        if (!node.shard().isEmpty()) {
            text.append(",shard-id=").append(node.shard());
        }
        text.append(' ').append(NodeFlag.words(node.flags()));
        text.append(' ').append(node.primary() == null ? "-" : node.primary().hex());
        text.append(' ').append(node.pingSentMs()).append(' ').append(node.pongReceivedMs());
        text.append(' ').append(node.configEpoch()).append(node.linked() ? " connected" : " disconnected");
        if (!node.slots().isEmpty()) {
            text.append(' ').append(node.slots());
        }
        if (node.flags().contains(NodeFlag.MYSELF)) {
            new TreeMap<>(file.migrating()).forEach((slot, target) ->
                    text.append(" [").append(slot).append("->-").append(target).append(']'));
            new TreeMap<>(file.importing()).forEach((slot, source) ->
                    text.append(" [").append(slot).append("-<-").append(source).append(']'));
        }
        text.append('\n');
    }

    /** The checksum of what stands before it, without the address of this node itself. */
    static String checksum(CharSequence before) {
        CRC32C crc = new CRC32C();
        String text = before.toString();
        int start = 0;
        while (start <= text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            crc.update(withoutOwnAddress(text.substring(start, end)).getBytes(StandardCharsets.ISO_8859_1));
            crc.update('\n');
            start = end + 1;
        }
        return String.format("%08x", crc.getValue());
    }

    private static String withoutOwnAddress(String line) {
        if (!line.contains(NodeFlag.MYSELF.word())) {
            return line;
        }
        String[] columns = line.split(" ", 4);
        if (columns.length < 4 || !columns[2].startsWith(NodeFlag.MYSELF.word())) {
            return line;
        }
        int ports = columns[1].lastIndexOf(':', Math.max(columns[1].indexOf('@'), 0));
        return ports < 0 ? line : columns[0] + ' ' + columns[1].substring(ports) + ' ' + columns[2] + ' ' + columns[3];
    }
}
