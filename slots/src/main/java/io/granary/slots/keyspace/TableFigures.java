package io.granary.slots.keyspace;

/**
 * What the tables of stores take.
 *
 * @param bytes all of them, old and new where one is being moved
 * @param movingBytes the old ones of those that are being moved to a table of another size
 * @param moving how many are being moved
 */
public record TableFigures(long bytes, long movingBytes, int moving) {

    public static final TableFigures NONE = new TableFigures(0, 0, 0);

    public TableFigures plus(TableFigures other) {
        return new TableFigures(bytes + other.bytes, movingBytes + other.movingBytes, moving + other.moving);
    }
}
