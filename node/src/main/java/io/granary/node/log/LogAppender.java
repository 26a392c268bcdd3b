package io.granary.node.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.nio.charset.StandardCharsets;

/** Brings the events of one node's logger into lines. Each line is one write, so lines of several threads do not mix. */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final LineFormat format;
    private final LogOutput output;
    private volatile char role = 'C';

    LogAppender(LineFormat format, LogOutput output) {
        this.format = format;
        this.output = output;
    }

    void role(char newRole) {
        role = newRole;
    }

    @Override
    protected void append(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        if (event.getThrowableProxy() != null) {
            message += "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
        }
        StringBuilder line = new StringBuilder(message.length() + 64);
        format.append(line, event.getTimeStamp(), role, LogLevel.of(event.getLevel()), message);
        output.write(line.toString().getBytes(StandardCharsets.UTF_8));
    }
}
