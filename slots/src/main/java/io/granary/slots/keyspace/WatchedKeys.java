package io.granary.slots.keyspace;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The keys of one store that clients watch, and who watches each. Guarded by the slot's lock. */
public final class WatchedKeys {

    private final Map<ByteBuffer, List<Watcher>> watchers = new HashMap<>();

    /** Adds a watcher; the same one on the same key counts once. */
    public void add(byte[] key, Watcher watcher) {
        List<Watcher> list = watchers.computeIfAbsent(ByteBuffer.wrap(key.clone()), _ -> new ArrayList<>(1));
        if (!list.contains(watcher)) {
            list.add(watcher);
        }
    }

    public void remove(byte[] key, Watcher watcher) {
        ByteBuffer name = ByteBuffer.wrap(key);
        List<Watcher> list = watchers.get(name);
        if (list != null && list.remove(watcher) && list.isEmpty()) {
            watchers.remove(name);
        }
    }

    public boolean isEmpty() {
        return watchers.isEmpty();
    }

    /** Tells everyone who watches the key that it was touched. */
    public void touched(MemorySegment key, long offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(key, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        touched(bytes);
    }

    public void touched(byte[] key) {
        tell(watchers.get(ByteBuffer.wrap(key)));
    }

    /** Tells the watchers of every key that fulfils the condition. */
    void touchedWhere(Predicate<byte[]> condition) {
        watchers.forEach((key, list) -> {
            if (condition.test(key.array())) {
                tell(list);
            }
        });
    }

    private static void tell(List<Watcher> list) {
        if (list != null) {
            list.forEach(Watcher::touched);
        }
    }
}
