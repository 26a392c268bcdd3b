package io.granary.node.log;

import io.netty.util.internal.logging.AbstractInternalLogger;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;

/**
 * Brings Netty's warnings and errors into the log of a node, and spares the process the set-up of a second logging system.
 * Netty has one logger for all of the JVM: only a process that is a node may install this.
 */
public final class NettyLog extends InternalLoggerFactory {
    private final NodeLog log;

    public NettyLog(NodeLog log) {
        this.log = log;
    }

    @Override
    protected InternalLogger newInstance(String name) {
        return new WarningsOnly(name, log);
    }

    private static final class WarningsOnly extends AbstractInternalLogger {
        private static final long serialVersionUID = 1L;

        private final transient NodeLog log;

        WarningsOnly(String name, NodeLog log) {
            super(name);
            this.log = log;
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        public void warn(String message) {
            log.warning(message);
        }

        @Override
        public void warn(String format, Object argument) {
            warn(format, new Object[] {argument});
        }

        @Override
        public void warn(String format, Object first, Object second) {
            warn(format, new Object[] {first, second});
        }

        @Override
        public void warn(String format, Object... arguments) {
            int last = arguments.length - 1;
            Throwable cause = last >= 0 && arguments[last] instanceof Throwable thrown ? thrown : null;
            warn(filled(format, arguments), cause);
        }

        @Override
        public void warn(String message, Throwable cause) {
            if (cause == null) {
                log.warning(message);
            } else {
                log.warning(message, cause);
            }
        }

        private static String filled(String format, Object[] arguments) {
            StringBuilder out = new StringBuilder(format.length() + 64);
            int from = 0;
            for (Object argument : arguments) {
                int hole = format.indexOf("{}", from);
                if (hole < 0) {
                    break;
                }
                out.append(format, from, hole).append(argument);
                from = hole + 2;
            }
            return out.append(format, from, format.length()).toString();
        }

        @Override
        public void error(String message) {
            warn(message);
        }

        @Override
        public void error(String format, Object argument) {
            warn(format, argument);
        }

        @Override
        public void error(String format, Object first, Object second) {
            warn(format, first, second);
        }

        @Override
        public void error(String format, Object... arguments) {
            warn(format, arguments);
        }

        @Override
        public void error(String message, Throwable cause) {
            warn(message, cause);
        }

        @Override
        public void trace(String message) {
            // Not enabled, as all below.
        }

        @Override
        public void trace(String format, Object argument) { }

        @Override
        public void trace(String format, Object first, Object second) { }

        @Override
        public void trace(String format, Object... arguments) { }

        @Override
        public void trace(String message, Throwable cause) { }

        @Override
        public void debug(String message) { }

        @Override
        public void debug(String format, Object argument) { }

        @Override
        public void debug(String format, Object first, Object second) { }

        @Override
        public void debug(String format, Object... arguments) { }

        @Override
        public void debug(String message, Throwable cause) { }

        @Override
        public void info(String message) { }

        @Override
        public void info(String format, Object argument) { }

        @Override
        public void info(String format, Object first, Object second) { }

        @Override
        public void info(String format, Object... arguments) { }

        @Override
        public void info(String message, Throwable cause) { }
    }
}
