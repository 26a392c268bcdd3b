package io.granary.node.metrics.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/** What a request gets: a status and a text. */
record Answer(HttpResponseStatus status, String contentType, String body) {

    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    static Answer metrics(String page) {
        return new Answer(HttpResponseStatus.OK, EXPOSITION, page);
    }

    /** 200 if there is nothing against it, else 503 and the reason. */
    static Answer verdict(String reason) {
        return reason.isEmpty() ? new Answer(HttpResponseStatus.OK, PLAIN, "ok\n")
                : new Answer(HttpResponseStatus.SERVICE_UNAVAILABLE, PLAIN, reason + '\n');
    }

    static Answer refusal(HttpResponseStatus status) {
        return new Answer(status, PLAIN, status.reasonPhrase() + '\n');
    }
}
