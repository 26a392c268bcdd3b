package io.granary.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShutdownWishTest {

    private final Shutdown shutdown = new Shutdown();
    private final List<String> told = new ArrayList<>();

    private Runnable client(String name) {
        return () -> told.add(name);
    }

    @Test
    void allWhoWishedForTheEndAreToldOnceThatItDoesNotCome() {
        shutdown.request(Shutdown.Wish.of("", client("first")));
        shutdown.request(Shutdown.Wish.of("nosave", client("second")));
        assertThat(shutdown.await().saving()).isEqualTo(Shutdown.Saving.BY_SAVE_POINTS);
        shutdown.refuse();
        assertThat(told).containsExactly("first", "second");
        assertThat(shutdown.isRequested()).isFalse();
        shutdown.request(Shutdown.Wish.of("nosave", client("third")));
        assertThat(shutdown.await().saving()).isEqualTo(Shutdown.Saving.NEVER);
        shutdown.refuse();
        assertThat(told).containsExactly("first", "second", "third");
    }

    @Test
    void whoHasGoneIsNotTold() {
        Runnable gone = client("gone");
        shutdown.request(Shutdown.Wish.of("", gone));
        shutdown.request(Shutdown.Wish.of("", client("other")));
        shutdown.forget(gone);
        assertThat(shutdown.isRequested()).isTrue();
        shutdown.refuse();
        assertThat(told).containsExactly("other");
    }
}
