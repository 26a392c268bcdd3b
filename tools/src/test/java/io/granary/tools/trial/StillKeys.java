package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Many keys of a range of slots, all of one length, that nobody writes to once they are there. */
final class StillKeys {

    private static final int TIMEOUT_MS = 90_000;

    private final List<String> keys = new ArrayList<>();
    private final int bytes;

    private StillKeys(int bytes) {
        this.bytes = bytes;
    }

    /** Writes them at the owner of the slots. */
    static StillKeys write(TrialNode owner, SlotRange slots, int count, int bytes) throws IOException {
        StillKeys still = new StillKeys(bytes);
        String value = "x".repeat(bytes);
        try (Connection connection = Connection.open(owner.address(), TIMEOUT_MS)) {
            for (int number = 0; still.keys.size() < count; number++) {
                String key = "still:" + number;
                if (slots.contains(Slot.of(key.getBytes(StandardCharsets.US_ASCII)))) {
                    connection.send("SET", key, value);
                    still.keys.add(key);
                }
            }
            for (int i = 0; i < count; i++) {
                assertThat(connection.receive().text()).isEqualTo("OK");
            }
        }
        return still;
    }

    void assertAllAt(TrialNode owner) throws IOException {
        try (Connection connection = Connection.open(owner.address(), TIMEOUT_MS)) {
            for (String key : keys) {
                connection.send("STRLEN", key);
            }
            List<String> wrong = new ArrayList<>();
            for (String key : keys) {
                if (!connection.receive().text().equals(Integer.toString(bytes))) {
                    wrong.add(key);
                }
            }
            assertThat(wrong).as("keys that %s lacks", owner).isEmpty();
        }
    }
}
