package io.granary.gossip;

import io.granary.gossip.wire.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a nodes file, or says where it is damaged: a file that is not whole is worth nothing, not even its first lines. */
final class NodesFileReader {

    private static final int COLUMNS_BEFORE_SLOTS = 8;

    private final List<NodesFile.Entry> nodes = new ArrayList<>();
    private final Map<Integer, NodeId> migrating = new HashMap<>();
    private final Map<Integer, NodeId> importing = new HashMap<>();
    private final Map<NodeId, Long> contested = new HashMap<>();
    private final List<NodesFile.OpenHandOver> handOvers = new ArrayList<>();
    private final List<SlotGrant> grants = new ArrayList<>();
    private final Map<NodeId, SlotBitmap> arrivals = new HashMap<>();
    private final Set<NodeId> ids = new HashSet<>();
    private final NodeId[] owners = new NodeId[ClusterView.SLOTS];
    private SlotBitmap abandoned = SlotBitmap.EMPTY;
    private boolean myselfSeen;
    private boolean varsSeen;
    private long currentEpoch;
    private long lastVoteEpoch;

    private NodesFileReader() {}

    /** What is wrong, and in which line. */
    static final class Damaged extends Exception {
        private static final long serialVersionUID = 1;

        Damaged(String reason) {
            super(reason, null, false, false);
        }
    }

    static NodesFile read(byte[] content) throws Damaged {
        return new NodesFileReader().file(new String(content, StandardCharsets.ISO_8859_1));
    }

    private NodesFile file(String text) throws Damaged {
        int number = 0;
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            boolean ended = end >= 0;
            String line = text.substring(start, ended ? end : text.length());
            number++;
            try {
                line(line, ended, text.substring(0, start));
            } catch (Damaged damaged) {
                throw new Damaged("line " + number + ": " + damaged.getMessage());
            }
            start = ended ? end + 1 : text.length();
        }
        if (!varsSeen) {
            throw new Damaged("incomplete: its last line, the one with the epochs, is missing");
        }
        if (!myselfSeen) {
            throw new Damaged("no node is marked as myself");
        }
        for (NodesFile.Entry node : nodes) {
            currentEpoch = Math.max(currentEpoch, node.configEpoch());
        }
        return new NodesFile(nodes, migrating, importing, currentEpoch, lastVoteEpoch, contested, handOvers, abandoned,
                grants, arrivals);
    }

    private void line(String line, boolean ended, String before) throws Damaged {
        if (line.isBlank()) {
            return;
        }
        if (varsSeen) {
            throw new Damaged("something follows the line with the epochs");
        }
        if (line.startsWith("vars ")) {
            vars(line, ended, before);
        } else if (ended) {
            node(line.split(" "));
        } else {
            throw new Damaged("cut off");
        }
    }

    private void vars(String line, boolean ended, String before) throws Damaged {
        int checksumAt = line.indexOf(NodesFileText.CHECKSUM);
        if (checksumAt < 0 && !ended) {
            throw new Damaged("cut off");
        }
        String values = checksumAt < 0 ? line : line.substring(0, checksumAt);
        if (checksumAt >= 0) {
            int end = checksumAt + NodesFileText.CHECKSUM.length();
            if (!line.substring(end).equals(NodesFileText.checksum(before + line.substring(0, end)))) {
                throw new Damaged("the checksum does not match");
            }
        }
        String[] words = values.split(" ");
        if (words.length < 5 || words.length % 2 == 0 || !words[1].equals("currentEpoch")
                || !words[3].equals("lastVoteEpoch")) {
            throw new Damaged("not the line with the epochs");
        }
        currentEpoch = number(words[2], Long.MAX_VALUE);
        lastVoteEpoch = number(words[4], Long.MAX_VALUE);
        for (int i = 5; i < words.length; i += 2) {
            switch (words[i]) {
                case "contested" -> contested(words[i + 1]);
                case "handovers" -> handOvers(words[i + 1]);
                case "abandoned" -> abandoned = slots(words[i + 1]);
                case "grants" -> grants(words[i + 1]);
                case "arrivals" -> arrivals(words[i + 1]);
                default -> throw new Damaged("unknown variable '" + words[i] + "'");
            }
        }
        varsSeen = true;
    }

    private void handOvers(String list) throws Damaged {
        for (String open : list.split(",", -1)) {
            String[] parts = open.split(":", -1);
            if (parts.length != 5) {
                throw new Damaged("hand-over '" + open + "'");
            }
            handOvers.add(new NodesFile.OpenHandOver(
                    stage(parts[0]), id(parts[1]).hex(), slots(parts[4]), id(parts[2]), number(parts[3], Long.MAX_VALUE)));
        }
    }

    private void grants(String list) throws Damaged {
        for (String grant : list.split(",", -1)) {
            String[] parts = grant.split(":", -1);
            if (parts.length != 5) {
                throw new Damaged("grant '" + grant + "'");
            }
            grants.add(new SlotGrant(
                    id(parts[0]), id(parts[1]).hex(), id(parts[2]), number(parts[3], Long.MAX_VALUE), slots(parts[4])));
        }
    }

    private void arrivals(String list) throws Damaged {
        for (String arrival : list.split(",", -1)) {
            int colon = arrival.indexOf(':');
            if (colon < 0) {
                throw new Damaged("arrival '" + arrival + "'");
            }
            arrivals.put(id(arrival.substring(0, colon)), slots(arrival.substring(colon + 1)));
        }
    }

    private static NodesFile.OpenHandOver.Stage stage(String word) throws Damaged {
        for (NodesFile.OpenHandOver.Stage stage : NodesFile.OpenHandOver.Stage.values()) {
            if (stage.word().equals(word)) {
                return stage;
            }
        }
        throw new Damaged("stage of a hand-over '" + word + "'");
    }

    private static SlotBitmap slots(String ranges) throws Damaged {
        BitSet slots = new BitSet(ClusterView.SLOTS);
        for (String range : ranges.split("\\+", -1)) {
            int dash = range.indexOf('-');
            int first = slot(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : slot(range.substring(dash + 1));
            if (last < first) {
                throw new Damaged("slots '" + ranges + "'");
            }
            slots.set(first, last + 1);
        }
        return SlotBitmap.of(slots.stream().toArray());
    }

    private void contested(String list) throws Damaged {
        for (String contest : list.split(",", -1)) {
            int colon = contest.indexOf(':');
            if (colon < 0) {
                throw new Damaged("contest '" + contest + "'");
            }
            contested.put(id(contest.substring(0, colon)), number(contest.substring(colon + 1), Long.MAX_VALUE));
        }
    }

    private void node(String[] columns) throws Damaged {
        if (columns.length < COLUMNS_BEFORE_SLOTS) {
            throw new Damaged("only " + columns.length + " columns");
        }
        NodeId id = id(columns[0]);
        if (!ids.add(id)) {
            throw new Damaged("node " + id + " for the second time");
        }
        Address address = address(columns[1]);
        Set<NodeFlag> flags = flags(columns[2]);
        boolean myself = flags.contains(NodeFlag.MYSELF);
        if (myself && myselfSeen) {
            throw new Damaged("a second node is marked as myself");
        }
        myselfSeen |= myself;
        boolean linked = columns[7].equals("connected");
        if (!linked && !columns[7].equals("disconnected")) {
            throw new Damaged("link state '" + columns[7] + "'");
        }
        nodes.add(new NodesFile.Entry(
                id,
                address.ip,
                address.port,
                address.tlsPort,
                address.busPort,
                address.hostname,
                address.humanName,
                address.shard,
                flags,
                columns[3].equals("-") ? null : id(columns[3]),
                number(columns[4], Long.MAX_VALUE),
                number(columns[5], Long.MAX_VALUE),
                number(columns[6], Long.MAX_VALUE),
                linked,
                slots(columns, id, myself)));
    }

    /** The second column, {@code ip:port@busPort,hostname,name=value,...}; older files end sooner. */
    private static final class Address {
        private String ip = "";
        private int port;
        private int tlsPort;
        private int busPort;
        private String hostname = "";
        private String humanName = "";
        private String shard = "";
    }

    private static Address address(String column) throws Damaged {
        Address address = new Address();
        String[] parts = column.split(",", -1);
        int at = parts[0].indexOf('@');
        String client = at < 0 ? parts[0] : parts[0].substring(0, at);
        int colon = client.lastIndexOf(':');
        if (colon < 0 || !Names.isAddress(client.substring(0, colon))) {
            throw new Damaged("address '" + column + "'");
        }
        address.ip = client.substring(0, colon);
        address.port = (int) number(client.substring(colon + 1), 65535);
        address.busPort = at < 0 ? address.port + 10000 : (int) number(parts[0].substring(at + 1), 65535);
        if (parts.length > 1) {
            address.hostname = parts[1];
        }
        for (int i = 2; i < parts.length; i++) {
            auxiliary(address, parts[i]);
        }
        if (!Names.isHostname(address.hostname) || !Names.isHumanName(address.humanName)) {
            throw new Damaged("name in '" + column + "'");
        }
        return address;
    }

    private static void auxiliary(Address address, String field) throws Damaged {
        int equals = field.indexOf('=');
        String value = field.substring(equals + 1);
        switch (equals < 0 ? "" : field.substring(0, equals)) {
            case "shard-id" -> address.shard = id(value).hex();
            case "nodename" -> address.humanName = value;
            case "tls-port" -> address.tlsPort = (int) number(value, 65535);
            case "tcp-port" -> {
                address.tlsPort = address.port;
                address.port = (int) number(value, 65535);
            }
            default -> throw new Damaged("unknown field '" + field + "'");
        }
    }

    private static Set<NodeFlag> flags(String column) throws Damaged {
        Set<NodeFlag> flags = EnumSet.noneOf(NodeFlag.class);
        if (column.equals("noflags")) {
            return flags;
        }
        for (String word : column.split(",", -1)) {
            flags.add(flag(word));
        }
        return flags;
    }

    private static NodeFlag flag(String word) throws Damaged {
        for (NodeFlag flag : NodeFlag.values()) {
            if (flag.word().equals(word)) {
                return flag;
            }
        }
        throw new Damaged("unknown flag '" + word + "'");
    }

    private SlotBitmap slots(String[] columns, NodeId id, boolean myself) throws Damaged {
        List<Integer> slots = new ArrayList<>();
        for (int i = COLUMNS_BEFORE_SLOTS; i < columns.length; i++) {
            if (columns[i].startsWith("[") && myself) {
                open(columns[i]);
            } else {
                int dash = columns[i].indexOf('-');
                int first = slot(dash < 0 ? columns[i] : columns[i].substring(0, dash));
                int last = dash < 0 ? first : slot(columns[i].substring(dash + 1));
                for (int slot = first; slot <= last; slot++) {
                    if (owners[slot] != null) {
                        throw new Damaged("slot " + slot + " for the second time");
                    }
                    owners[slot] = id;
                    slots.add(slot);
                }
            }
        }
        return SlotBitmap.of(slots.stream().mapToInt(Integer::intValue).toArray());
    }

    /** {@code [93->-id]} or {@code [77-<-id]}. */
    private void open(String column) throws Damaged {
        int dash = column.indexOf('-');
        if (dash < 0 || !column.endsWith("]") || column.length() != dash + 3 + NodeId.LENGTH + 1) {
            throw new Damaged("open slot '" + column + "'");
        }
        int slot = slot(column.substring(1, dash));
        NodeId other = id(column.substring(dash + 3, column.length() - 1));
        switch (column.substring(dash, dash + 3)) {
            case "->-" -> migrating.put(slot, other);
            case "-<-" -> importing.put(slot, other);
            default -> throw new Damaged("open slot '" + column + "'");
        }
    }

    private static int slot(String text) throws Damaged {
        return (int) number(text, ClusterView.SLOTS - 1);
    }

    private static NodeId id(String text) throws Damaged {
        if (!NodeId.isValid(text)) {
            throw new Damaged("not a node id: '" + text + "'");
        }
        return new NodeId(text);
    }

    private static long number(String text, long most) throws Damaged {
        if (text.isEmpty() || text.length() > 19 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new Damaged("not a number: '" + text + "'");
        }
        try {
            long value = Long.parseLong(text);
            if (value <= most) {
                return value;
            }
        } catch (NumberFormatException _) {
            // falls through: larger than any number can be
        }
        throw new Damaged("out of range: '" + text + "'");
    }
}
