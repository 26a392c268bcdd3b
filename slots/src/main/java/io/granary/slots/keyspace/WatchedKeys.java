package io.granary.slots.keyspace;

import io.granary.resp.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The keys of one store that clients watch, and who watches each. Guarded by the slot's lock. */
public final class WatchedKeys {

    /** Longer names cannot be watched. */
    static final int KEY_BYTES_MAX = Request.COPY_BYTES_MAX;

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

    /** Whether anybody watches the key. */
    boolean holds(byte[] key) {
        return watchers.containsKey(ByteBuffer.wrap(key));
    }

    public boolean isEmpty() {
        return watchers.isEmpty();
    }

    /** Tells everyone who watches the key that it was touched. */
    void touched(byte[] key, KeyState before, KeyState after) {
        List<Watcher> list = watchers.get(ByteBuffer.wrap(key));
        if (list != null) {
            list.forEach(watcher -> watcher.touched(before, after));
        }
    }

    /** Tells the watchers of all keys what became of each, but for those that stay absent. */
    void touchedAll(Function<byte[], KeyState> before, Function<byte[], KeyState> after) {
        watchers.forEach((key, list) -> {
            KeyState was = before.apply(key.array());
            KeyState is = after.apply(key.array());
            if (was != KeyState.ABSENT || is != KeyState.ABSENT) {
                list.forEach(watcher -> watcher.touched(was, is));
            }
        });
    }
}
