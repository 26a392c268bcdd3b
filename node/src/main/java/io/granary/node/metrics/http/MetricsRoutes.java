package io.granary.node.metrics.http;

import io.granary.node.fault.Faults;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What there is to ask for on the metrics port. */
public final class MetricsRoutes {

    private final Supplier<String> page;
    private final Liveness liveness;
    private final Readiness readiness;
    private final Faults faults;

    public MetricsRoutes(Supplier<String> page, Liveness liveness, Readiness readiness, Faults faults) {
        this.page = page;
        this.liveness = liveness;
        this.readiness = readiness;
        this.faults = faults;
    }

    /** Answers a GET, at once or soon. */
    void get(String path, ScheduledExecutorService executor, Consumer<Answer> answered) {
        try {
            switch (path) {
                case "/metrics" -> answered.accept(Answer.metrics(page.get()));
                case "/healthz" -> liveness.ask(executor, reason -> answered.accept(Answer.verdict(reason)));
                case "/readyz" -> answered.accept(Answer.verdict(readiness.reason()));
                default -> answered.accept(Answer.refusal(HttpResponseStatus.NOT_FOUND));
            }
        } catch (RuntimeException | Error fault) {
            faults.report("the metrics port", fault);
            answered.accept(Answer.refusal(HttpResponseStatus.INTERNAL_SERVER_ERROR));
        }
    }
}
