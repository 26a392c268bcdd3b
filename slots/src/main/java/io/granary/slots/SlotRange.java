package io.granary.slots;

/** A run of neighbouring slots, both ends included. */
public record SlotRange(int first, int last) {

    public SlotRange {
        if (first < 0 || last < first || last >= Slot.COUNT) {
            throw new IllegalArgumentException("not a range of slots: " + first + "-" + last);
        }
    }

    public int size() {
        return last - first + 1;
    }

    public boolean contains(int slot) {
        return slot >= first && slot <= last;
    }

    /** As Redis prints it: {@code 7} or {@code 0-5460}. */
    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
