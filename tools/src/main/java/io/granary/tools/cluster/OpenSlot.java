package io.granary.tools.cluster;

/**
 * A slot on the move the classic way, as the node at one of its ends tells it.
 *
 * @param importing true at the node that takes the slot, false at the one that gives it
 * @param peerId the node at the other end
 */
public record OpenSlot(int slot, boolean importing, String peerId) {

    private static final String TO = "->-";
    private static final String FROM = "-<-";

    /** Reads {@code [93-<-id]} or {@code [93->-id]}. */
    static OpenSlot parse(String text) {
        boolean importing = text.contains(FROM);
        String[] ends = text.substring(1, text.length() - 1).split(importing ? FROM : TO);
        if (ends.length != 2) {
            throw new IllegalArgumentException("not a slot on the move: " + text);
        }
        return new OpenSlot(Integer.parseInt(ends[0]), importing, ends[1]);
    }
}
