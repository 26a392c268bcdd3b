package io.granary.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.granary.node.config.ChangeListener;
import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.Configuration;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TimeZone;

/**
 * The log of one node. It has a logger context of its own, set up here and not by a file, so neither another node of the JVM
 * nor the program around it shares its level, its form or its file.
 */
public final class NodeLog {
    private static final String FQCN = NodeLog.class.getName();

    private final Logger logger;
    private final LogAppender appender;
    private final LineFormat format;
    private final LogOutput output;
    private final boolean file;

    private NodeLog(LineFormat format, LogOutput output, Level level, boolean file) {
        LoggerContext context = new LoggerContext();
        this.format = format;
        this.output = output;
        this.file = file;
        appender = new LogAppender(format, output);
        appender.setContext(context);
        appender.start();
        logger = context.getLogger(Logger.ROOT_LOGGER_NAME);
        logger.setLevel(level);
        logger.addAppender(appender);
    }

    /**
     * Opens the log that a configuration describes; CONFIG SET loglevel is obeyed from then on.
     *
     * @param standardOutput taken if there is no log file
     */
    public static NodeLog open(Configuration configuration, OutputStream standardOutput) {
        long pid = ProcessHandle.current().pid();
        boolean json = configuration.choice("log-format").is("json");
        Path path = configuration.path("logfile");
        LogOutput output = path == null ? LogOutput.to(standardOutput) : LogOutput.to(path);
        ChoiceSetting threshold = configuration.choice("loglevel");
        NodeLog log = new NodeLog(json ? new JsonLine(pid) : new RedisLine(pid, TimeZone.getDefault()), output,
                LogLevel.threshold(threshold.value()), path != null);
        threshold.onChange(log.new Threshold(threshold));
        return log;
    }

    /** Obeys loglevel. A class and no lambda: the first lambda of a process takes longer than the rest of the set-up. */
    private final class Threshold implements ChangeListener {
        private final ChoiceSetting setting;

        Threshold(ChoiceSetting setting) {
            this.setting = setting;
        }

        @Override
        public void changed() {
            logger.setLevel(LogLevel.threshold(setting.value()));
        }
    }

    /** A log that nobody reads, for tests. */
    public static NodeLog silent() {
        OutputStream nowhere = OutputStream.nullOutputStream();
        return new NodeLog(new JsonLine(0), LogOutput.to(nowhere), Level.OFF, false);
    }

    /** Whether lines go to a file and not to the standard output. */
    public boolean isFile() {
        return file;
    }

    /** Shows from now on what the node is: M for a primary, S for a replica. */
    public void role(char role) {
        appender.role(role);
    }

    /** Whether {@link #debug} writes anything; ask before building a costly message. */
    public boolean isDebug() {
        return logger.isTraceEnabled();
    }

    /** For developers, and in great number. */
    public void debug(String message) {
        log(LogLevel.DEBUG, message, null);
    }

    /** What is rarely of use, but not a mess like debug: clients that come and go. */
    public void verbose(String message) {
        log(LogLevel.VERBOSE, message, null);
    }

    /** What one wants to know in production. */
    public void notice(String message) {
        log(LogLevel.NOTICE, message, null);
    }

    /** What someone should act upon. */
    public void warning(String message) {
        log(LogLevel.WARNING, message, null);
    }

    /** A defect of this program, or a failure that nothing expected. */
    public void warning(String message, Throwable cause) {
        log(LogLevel.WARNING, message, cause);
    }

    private void log(LogLevel level, String message, Throwable cause) {
        int weight = Level.toLocationAwareLoggerInteger(level.level());
        if (logger.isEnabledFor(level.level())) {
            logger.log(null, FQCN, weight, message, null, cause);
        }
    }

    /** What is said while a signal is handled: redis-server's lines have another form there. */
    public void signal(String message, long unixSeconds) {
        if (format instanceof RedisLine && logger.isWarnEnabled()) {
            write(ProcessHandle.current().pid() + ":signal-handler (" + unixSeconds + ") " + message + "\n");
        } else {
            warning(message);
        }
    }

    /** Text without the form of a line, at the level of a notice: the banner. */
    public void raw(String text) {
        if (logger.isInfoEnabled()) {
            write(text);
        }
    }

    private void write(String text) {
        output.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
