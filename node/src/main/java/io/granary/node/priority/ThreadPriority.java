package io.granary.node.priority;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ThreadFactory;

/**
 * How soon the system lets a thread run when it could.
 *
 * <p><b>Why.</b> Linux lets whoever has a core run on for a slice of 1.4 to 3 ms before it looks for others, and looks only
 * at ticks of 1 to 4 ms. So a loop that shares its core with the thread of a snapshot would answer milliseconds late, again
 * and again. Since Linux 6.12 a thread that asks for shorter slices takes the core when it wakes up, if it has had no more
 * than its share of it. So loops ask for short slices, and what works beside them has a smaller share and takes the core
 * from nobody when it wakes up itself. Earlier kernels do not know slices; the rest helps there, too.
 *
 * <p>Shares, not ranks: work in the background has a quarter of a core that is wanted all the time, so that it ends, and
 * what it holds is free again soon. The JVM's compilers keep their share: to make it smaller was tried, and loops waited up
 * to 0.3 s for what a compiler held. Only Linux is asked, on the processors whose numbers of calls are known.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/sched_setattr.2.html">sched_setattr(2)</a>
 */
public enum ThreadPriority {

    /** Serves clients: little at a time, but at once. */
    PROMPT(Calls.SCHED_OTHER, 0),

    /** Works for seconds, while nobody waits for the very next result: snapshots, loading, moves. */
    BACKGROUND(Calls.SCHED_BATCH, 5);

    /** For how long any of them may have a core at a time, where others want it: the shortest that Linux grants. */
    private static final long SLICE_NANOS = 100_000;
    private static final int NICE_MOST = 19;

    // struct sched_attr, in its first version
    private static final int ATTRIBUTES_BYTES = 48;
    private static final int POLICY_AT = 4;
    private static final int FLAGS_AT = 8;
    private static final int NICE_AT = 16;
    private static final int SLICE_AT = 24;

    private final int policy;
    private final int behind;

    /**
     * @param policy SCHED_OTHER, or SCHED_BATCH: who wakes up takes its core from nobody
     * @param behind by how much the share is smaller than the process's own, in steps of "nice"
     */
    ThreadPriority(int policy, int behind) {
        this.policy = policy;
        this.behind = behind;
    }

    /** Gives this priority to the thread that calls, once. */
    public void take() {
        Calls calls = Calls.THIS_SYSTEM;
        if (calls == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
            if (!calls.read(attributes) || attributes.get(ValueLayout.JAVA_INT, POLICY_AT) != Calls.SCHED_OTHER) {
                return;   // who started this process has chosen for it
            }
            int nice = attributes.get(ValueLayout.JAVA_INT, NICE_AT);
            attributes.set(ValueLayout.JAVA_INT, POLICY_AT, policy);
            attributes.set(ValueLayout.JAVA_LONG, FLAGS_AT, 0);
            attributes.set(ValueLayout.JAVA_INT, NICE_AT, Math.min(NICE_MOST, nice + behind));
            attributes.set(ValueLayout.JAVA_LONG, SLICE_AT, SLICE_NANOS);
            calls.write(attributes);
        }
    }

    /** Threads that have this priority when they begin; names as {@link Thread.Builder#name(String, long)} makes them. */
    public ThreadFactory factory(Thread.Builder builder) {
        ThreadFactory threads = builder.factory();
        return task -> threads.newThread(() -> {
            take();
            task.run();
        });
    }

    /**
     * The two system calls, which not every libc has a function for. The shape is that of the calls for memory, since each
     * shape costs the JVM a tenth of a second at a start.
     */
    private record Calls(MethodHandle syscall, long read, long write) {

        private static final int SCHED_OTHER = 0;
        private static final int SCHED_BATCH = 3;
        private static final Calls THIS_SYSTEM = find();

        private static Calls find() {
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            return switch (System.getProperty("os.arch")) {
                case "amd64" -> new Calls(link(), 315, 314);
                case "aarch64" -> new Calls(link(), 275, 274);
                default -> null;
            };
        }

        private static MethodHandle link() {
            ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
            ValueLayout.OfInt integer = ValueLayout.JAVA_INT;
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().find("syscall").orElseThrow(),
                    FunctionDescriptor.of(word, word, word, word, integer, integer, word));
        }

        private boolean read(MemorySegment attributes) {
            return call(read, attributes, ATTRIBUTES_BYTES);
        }

        private void write(MemorySegment attributes) {
            call(write, attributes, 0);
        }

        private boolean call(long number, MemorySegment attributes, int last) {
            try {
                return (long) syscall.invokeExact(number, 0L, attributes.address(), last, 0, 0L) == 0;
            } catch (Throwable failure) {
                throw new IllegalStateException("a system call failed in an unknown way", failure);
            }
        }
    }
}
