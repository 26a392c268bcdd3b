package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.of;

import java.util.List;

/** The directives about threads and transports. */
final class ThreadDirectives {
    static final List<Directive> TABLE = List.of(
            of("io-threads", new CoreCount(), "auto",
                    "Event loops, each serving its clients from reading to replying.").fixed().effective(),
            choice("io-transport", "auto",
                    "The interface of the kernel for sockets; of Granary.", "auto", "epoll", "io_uring", "nio")
                    .fixed().effective());

    private ThreadDirectives() { }
}
