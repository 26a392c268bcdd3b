package io.granary.node.client;

import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.config.TextSetting;
import io.granary.resp.RequestLimits;

/** What a client may send at the most, as configured; a client that has not authenticated gets far less. */
public final class ClientLimits {

    /** Bytes of requests that may wait before AUTH, as in Redis. */
    private static final long UNAUTHENTICATED_INPUT_BYTES_MAX = 1024 * 1024;

    /** Arguments of one request: their places lie on the heap, 8 bytes for each. Redis before 7 allowed a quarter of it. */
    private static final int ARGUMENTS_MAX = 4 * 1024 * 1024;

    private final LongSetting clientsMax;
    private final LongSetting inputBytesMax;
    private final LongSetting bulkBytesMax;
    private final TextSetting outputLimits;
    private volatile OutputBufferLimits.Limit output;
    private volatile RequestLimits ofKnown;
    private volatile RequestLimits ofStrangers;

    public ClientLimits(Configuration configuration) {
        clientsMax = configuration.number("maxclients");
        inputBytesMax = configuration.number("client-query-buffer-limit");
        bulkBytesMax = configuration.number("proto-max-bulk-len");
        outputLimits = configuration.text("client-output-buffer-limit");
        outputLimits.onChange(this::refreshOutput);
        refreshOutput();
        inputBytesMax.onChange(this::refreshRequests);
        bulkBytesMax.onChange(this::refreshRequests);
        refreshRequests();
    }

    private void refreshRequests() {
        RequestLimits limits = RequestLimits.DEFAULT.maxBulkBytes(bulkBytesMax.value()).maxArguments(ARGUMENTS_MAX);
        ofKnown = limits.maxQueryBytes(inputBytesMax(true));
        ofStrangers = limits.maxQueryBytes(inputBytesMax(false)).authenticated(false);
    }

    private void refreshOutput() {
        output = OutputBufferLimits.of(outputLimits.raw()).getFirst();
    }

    /** How many bytes of replies may wait for a client. */
    OutputBufferLimits.Limit output() {
        return output;
    }

    long clientsMax() {
        return clientsMax.value();
    }

    long inputBytesMax(boolean authenticated) {
        return authenticated ? inputBytesMax.value() : UNAUTHENTICATED_INPUT_BYTES_MAX;
    }

    RequestLimits requests(boolean authenticated) {
        return authenticated ? ofKnown : ofStrangers;
    }
}
