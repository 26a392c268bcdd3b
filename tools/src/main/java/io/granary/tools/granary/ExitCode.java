package io.granary.tools.granary;

/** What the process tells its caller. */
final class ExitCode {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    /** The command did its work; the cluster it found is not ok. */
    static final int UNHEALTHY = 3;

    private ExitCode() {}
}
