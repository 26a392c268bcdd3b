package io.granary.node.log;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.TimeZone;

/**
 * The form of redis-server: {@code 4711:M 22 Nov 2026 10:21:08.123 * Ready to accept connections tcp}. The local time comes
 * from {@link TimeZone}, because {@code ZoneId} searches the class path for providers of zones: a tenth of the time that a
 * node has to start.
 */
final class RedisLine implements LineFormat {
    private static final String[] MONTHS =
            {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    private final long pid;
    private final TimeZone zone;

    RedisLine(long pid, TimeZone zone) {
        this.pid = pid;
        this.zone = zone;
    }

    @Override
    public void append(StringBuilder out, long timeMs, char role, LogLevel level, String message) {
        out.append(pid).append(':').append(role).append(' ');
        appendTime(out, localTime(timeMs));
        out.append(' ').append(level.sign()).append(' ').append(message).append('\n');
    }

    private LocalDateTime localTime(long timeMs) {
        ZoneOffset offset = ZoneOffset.ofTotalSeconds(zone.getOffset(timeMs) / 1000);
        int nanos = (int) Math.floorMod(timeMs, 1000L) * 1_000_000;
        return LocalDateTime.ofEpochSecond(Math.floorDiv(timeMs, 1000L), nanos, offset);
    }

    private static void appendTime(StringBuilder out, LocalDateTime time) {
        appendDigits(out, time.getDayOfMonth(), 10);
        out.append(' ').append(MONTHS[time.getMonthValue() - 1]).append(' ').append(time.getYear()).append(' ');
        appendDigits(out, time.getHour(), 10);
        appendDigits(out.append(':'), time.getMinute(), 10);
        appendDigits(out.append(':'), time.getSecond(), 10);
        appendDigits(out.append('.'), time.getNano() / 1_000_000, 100);
    }

    private static void appendDigits(StringBuilder out, int number, int highest) {
        for (int unit = highest; unit > 0; unit /= 10) {
            out.append((char) ('0' + number / unit % 10));
        }
    }
}
