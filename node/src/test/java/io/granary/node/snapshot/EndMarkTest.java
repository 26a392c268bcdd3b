package io.granary.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.FileDisk;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node thinks of the file that it finds when it starts. */
class EndMarkTest {

    private static final ReplicationPoint POINT = new ReplicationPoint("0123456789".repeat(4), 1234, 0);
    private static final Loading.FileFacts WHOLE = new Loading.FileFacts(true, POINT.offset());
    private static final Loading.FileFacts OLD = new Loading.FileFacts(false, POINT.offset());

    @TempDir
    private Path folder;

    private Data data;
    private ReplicationPoint point = POINT;
    private Persistence persistence;

    @BeforeEach
    void open() {
        String[] directives = {"--cluster-enabled", "yes", "--dir", folder.toString()};
        data = new Data(true, directives);
        persistence = new Persistence(data.services, new FileDisk(), NodeLog.silent(), Configuration.of(directives), () -> 0,
                () -> point);
    }

    @AfterEach
    void close() {
        persistence.close();
        data.close();
    }

    private Loading.FileFacts found() {
        return persistence.loading().inspect();
    }

    @Test
    void withoutAFileNothingIsLeft() {
        assertThat(found()).isEqualTo(new Loading.FileFacts(false, 0));
    }

    @Test
    void whatWasSavedAtTheEndIsWholeUntilTheNodeServesAgain() throws Exception {
        assertThat(persistence.saves().saveAtTheEnd()).isTrue();
        assertThat(found()).isEqualTo(WHOLE);
        persistence.loading().start(false, () -> false);
        assertThat(found()).isEqualTo(OLD);
    }

    @Test
    void anEarlierSaveMayBeOld() {
        assertThat(persistence.saves().saveHere()).isTrue();
        assertThat(found()).isEqualTo(OLD);
    }

    @Test
    void theMarkDoesNotVouchForAnotherFile() throws IOException {
        persistence.saves().saveAtTheEnd();
        Path file = folder.resolve("dump.rdb");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, new byte[1], StandardOpenOption.APPEND);
        assertThat(found()).isEqualTo(OLD);
        Files.write(file, bytes);
        assertThat(found()).isEqualTo(WHOLE);
    }

    @Test
    void aFileWithoutAHistoryIsTakenAsItIs() {
        point = null;
        persistence.saves().saveAtTheEnd();
        assertThat(found()).isEqualTo(new Loading.FileFacts(true, 0));
    }
}
