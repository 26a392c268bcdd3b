package io.granary.node;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the machine, or the container, gives this process and what the process takes of it. */
public final class Machine {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path STAT = Path.of("/proc/self/stat");

    /** Clock ticks a second in /proc: fixed at 100 for programs on Linux, whatever the kernel's own rate. */
    private static final double TICKS_PER_SECOND = 100;

    private Machine() {}

    /** Processor time of the process so far. */
    public record CpuTime(double userSeconds, double systemSeconds) {}

    /** Memory in bytes. */
    public static long memoryBytes() {
        return system().getTotalMemorySize();
    }

    /** Memory of this process that is in RAM, in bytes; 0 where the system does not tell. */
    public static long residentBytes() {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
        } catch (IOException _) {
            return 0;
        }
        return 0;
    }

    public static CpuTime cpuTime() {
        try {
            if (Files.exists(STAT)) {
                String stat = Files.readString(STAT, StandardCharsets.ISO_8859_1);
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                return new CpuTime(
                        Long.parseLong(fields[11]) / TICKS_PER_SECOND, Long.parseLong(fields[12]) / TICKS_PER_SECOND);
            }
        } catch (IOException _) {
            // the portable way below knows less, but something
        }
        return new CpuTime(system().getProcessCpuTime() / 1e9, 0);
    }

    private static com.sun.management.OperatingSystemMXBean system() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    }
}
