package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.command.Effects;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicationLogTest {

    private static final String FIRST = "1".repeat(40);
    private static final String SECOND = "2".repeat(40);
    private static final int BLOCK = 16 * 1024;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final AtomicLong backlogBytes = new AtomicLong(BLOCK);
    private final ReplicationLog log = new ReplicationLog(() -> allocator, backlogBytes::get, ReplicationIds.of(FIRST));
    private final Effects effects = new Effects();

    @AfterEach
    void noMemoryIsLeft() {
        log.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    private void set(int database, String key, String value) {
        effects.request(database, 3).arg("SET").arg(key).arg(value);
        log.append(effects);
        effects.clear();
    }

    private static String request(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    private static String rest(LogReader reader) {
        StringBuilder text = new StringBuilder();
        ByteBuf part;
        while ((part = reader.next(10_000)) != null) {
            text.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
        }
        return text.toString();
    }

    private String rest(long after) {
        try (LogReader reader = log.reader(after)) {
            return rest(reader);
        }
    }

    private void raw(String text, int database) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        log.appendRaw(MemorySegment.ofArray(bytes), 0, bytes.length, database);
    }

    @Test
    void itNamesTheDatabaseOnceAndAgainWhenItChanges() {
        log.activate(FIRST);
        set(0, "a", "1");
        set(0, "b", "2");
        set(7, "c", "3");
        assertThat(rest(0)).isEqualTo(request("SELECT", "0") + request("SET", "a", "1") + request("SET", "b", "2")
                + request("SELECT", "7") + request("SET", "c", "3"));
        assertThat(log.database()).isEqualTo(7);
    }

    @Test
    void severalRequestsOfAUnitAreATransaction() {
        log.activate(FIRST);
        effects.request(0, 2).arg("DEL").arg("a");
        effects.request(0, 2).arg("DEL").arg("b");
        long end = log.append(effects);
        assertThat(rest(0)).isEqualTo(request("MULTI") + request("SELECT", "0") + request("DEL", "a") + request("DEL", "b")
                + request("EXEC")).hasSize((int) end);
        assertThat(log.offset()).isEqualTo(end);
    }

    @Test
    void whoeverAttachesLaterHearsOfTheDatabaseAgain() {
        log.activate(FIRST);
        set(3, "a", "1");
        log.activate(FIRST);
        long cut = log.offset();
        set(3, "b", "2");
        assertThat(rest(cut)).isEqualTo(request("SELECT", "3") + request("SET", "b", "2"));
    }

    @Test
    void atLeastTheBacklogIsKeptAndNotMuchMore() {
        log.activate(FIRST);
        for (int i = 0; i < 10_000; i++) {
            set(0, "key:" + i, "value");
        }
        long kept = log.offset() - log.firstOffset() + 1;
        assertThat(kept).isBetween((long) BLOCK, 2L * BLOCK);
        assertThat(log.memoryBytes()).isLessThanOrEqualTo(3 * BLOCK);
        assertThat(rest(log.firstOffset() - 1)).hasSize((int) kept).endsWith(request("SET", "key:9999", "value"));
        assertThat(log.reader(log.firstOffset() - 2)).isNull();
        assertThat(log.reader(log.offset() + 1)).isNull();
    }

    @Test
    void aLargerBacklogKeepsMoreFromThenOn() {
        log.activate(FIRST);
        backlogBytes.set(10 * BLOCK);
        for (int i = 0; i < 20_000; i++) {
            set(0, "key:" + i, "value");
        }
        assertThat(log.offset() - log.firstOffset() + 1).isBetween(10L * BLOCK, 12L * BLOCK);
    }

    @Test
    void whatAReaderHasNotReadIsKeptForIt() {
        log.activate(FIRST);
        set(0, "first", "1");
        LogReader reader = log.reader(0);
        for (int i = 0; i < 10_000; i++) {
            set(0, "key:" + i, "value");
        }
        assertThat(reader.behind()).isEqualTo(log.offset());
        assertThat(log.firstOffset()).isEqualTo(1);
        String text = rest(reader);
        assertThat(text).startsWith(request("SELECT", "0") + request("SET", "first", "1")).hasSize((int) log.offset());
        assertThat(reader.behind()).isZero();
        assertThat(reader.offset()).isEqualTo(log.offset());
        assertThat(log.offset() - log.firstOffset()).isLessThan(2 * BLOCK);
        reader.close();
    }

    @Test
    void aReaderThatLeavesGivesBackWhatWasKeptForIt() {
        log.activate(FIRST);
        LogReader reader = log.reader(0);
        for (int i = 0; i < 10_000; i++) {
            set(0, "key:" + i, "value");
        }
        long before = log.memoryBytes();
        reader.close();
        assertThat(log.memoryBytes()).isLessThan(before / 5);
        assertThat(reader.next(100)).isNull();
    }

    @Test
    void bytesOnTheirWayOutliveTheirBlock() {
        log.activate(FIRST);
        set(0, "a", "1");
        LogReader reader = log.reader(0);
        ByteBuf onItsWay = reader.next(1000);
        String text = onItsWay.toString(StandardCharsets.US_ASCII);
        for (int i = 0; i < 5_000; i++) {
            set(0, "key:" + i, "value");
            rest(reader);
        }
        reader.close();
        assertThat(log.firstOffset()).isGreaterThan(text.length());
        assertThat(onItsWay.toString(StandardCharsets.US_ASCII)).isEqualTo(text);
        onItsWay.release();
    }

    @Test
    void aUnitMayBeLargerThanTheBacklog() {
        log.activate(FIRST);
        LogReader reader = log.reader(0);
        String large = "x".repeat(20 * BLOCK);
        set(0, "large", large);
        assertThat(rest(reader)).isEqualTo(request("SELECT", "0") + request("SET", "large", large));
        reader.close();
    }

    @Test
    void unitsOfSeveralThreadsStayWholeAndInTheirThreadsOrder() throws InterruptedException {
        log.activate(FIRST);
        LogReader reader = log.reader(0);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int writer = i;
            writers.add(Thread.ofPlatform().start(() -> {
                Effects own = new Effects();
                for (int unit = 0; unit < 2_000; unit++) {
                    own.request(0, 3).arg("SET").arg("w" + writer).arg(unit);
                    own.request(0, 3).arg("SET").arg("v" + writer).arg(unit);
                    log.append(own);
                    own.clear();
                }
            }));
        }
        StringBuilder text = new StringBuilder();
        while (writers.stream().anyMatch(Thread::isAlive)) {
            text.append(rest(reader));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        text.append(rest(reader));
        reader.close();
        Matcher units = Pattern.compile("\\*1\r\n\\$5\r\nMULTI\r\n(?:\\*2\r\n\\$6\r\nSELECT\r\n\\$1\r\n0\r\n)?"
                + "\\*3\r\n\\$3\r\nSET\r\n\\$2\r\nw(\\d)\r\n\\$\\d+\r\n(\\d+)\r\n"
                + "\\*3\r\n\\$3\r\nSET\r\n\\$2\r\nv\\1\r\n\\$\\d+\r\n\\2\r\n\\*1\r\n\\$4\r\nEXEC\r\n").matcher(text);
        int[] next = new int[4];
        int end = 0;
        while (units.find()) {
            assertThat(units.start()).isEqualTo(end);
            end = units.end();
            assertThat(units.group(2)).isEqualTo(Integer.toString(next[Integer.parseInt(units.group(1))]++));
        }
        assertThat(end).isEqualTo(text.length());
        assertThat(next).containsOnly(2_000);
    }

    @Test
    void readersAtRandomPlacesReadTheSameBytes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        log.activate(FIRST);
        LogReader all = log.reader(0);
        StringBuilder text = new StringBuilder();
        List<LogReader> readers = new ArrayList<>();
        List<StringBuilder> texts = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            set(random.nextInt(2), "k" + i, "v".repeat(random.nextInt(200)));
            text.append(rest(all));
            if (random.nextInt(300) == 0) {
                long after = log.firstOffset() - 1 + random.nextLong(log.offset() - log.firstOffset() + 2);
                readers.add(log.reader(after));
                texts.add(new StringBuilder(text.substring(0, (int) after)));
            }
            if (!readers.isEmpty() && random.nextInt(20) == 0) {
                int which = random.nextInt(readers.size());
                texts.get(which).append(rest(readers.get(which)));
            }
        }
        for (int i = 0; i < readers.size(); i++) {
            texts.get(i).append(rest(readers.get(i)));
            assertThat(texts.get(i).compareTo(text)).as("seed %d, reader %d", seed, i).isZero();
            readers.get(i).close();
        }
        all.close();
    }

    @Test
    void aReplicaKeepsItsPrimarysBytesAndGoesOnUnderANameOfItsOwn() {
        log.follow(ReplicationIds.of(FIRST), 1_000);
        assertThat(log.active()).isFalse();
        raw(request("SELECT", "2") + request("SET", "a", "1"), 2);
        long shared = log.offset();
        log.lead(SECOND);
        assertThat(log.active()).isTrue();
        set(2, "b", "2");
        assertThat(log.ids()).isEqualTo(new ReplicationIds(SECOND, FIRST, shared + 1));
        assertThat(log.ids().continues(FIRST, shared + 1)).isTrue();
        assertThat(log.ids().continues(FIRST, shared + 2)).isFalse();
        assertThat(log.ids().continues(SECOND, log.offset() + 1)).isTrue();
        assertThat(rest(1_000)).isEqualTo(request("SELECT", "2") + request("SET", "a", "1")
                + request("SELECT", "2") + request("SET", "b", "2"));
    }

    @Test
    void aHistoryThatWasGivenUpIsReadNoFurther() {
        log.activate(FIRST);
        set(0, "a", "1");
        LogReader reader = log.reader(0);
        log.giveUp(SECOND);
        assertThat(reader.lost()).isTrue();
        assertThat(reader.next(1000)).isNull();
        assertThat(log.reader(0)).isNull();
        assertThat(log.ids()).isEqualTo(ReplicationIds.of(SECOND));
        log.activate(FIRST);
        set(0, "b", "2");
        assertThat(reader.next(1000)).isNull();
        reader.close();
    }

    @Test
    void pingsAreWrittenOnlyByAPrimaryWithHistory() {
        log.append("x".getBytes(StandardCharsets.US_ASCII));
        assertThat(log.offset()).isZero();
        log.activate(FIRST);
        log.append("x".getBytes(StandardCharsets.US_ASCII));
        assertThat(rest(0)).isEqualTo("x");
        log.follow();
        log.append("x".getBytes(StandardCharsets.US_ASCII));
        assertThat(log.offset()).isEqualTo(1);
    }
}
