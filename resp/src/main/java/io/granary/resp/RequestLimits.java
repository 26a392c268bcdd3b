package io.granary.resp;

/**
 * How much one request may ask of a connection. Until the client has proved who it is, far smaller bounds hold on top of
 * the configured ones, so that a stranger cannot make the server hold megabytes for him.
 *
 * <p>Source: networking.c of Redis 7.4, {@code processMultibulkBuffer} and {@code processInlineBuffer}.
 *
 * @param maxArguments   arguments of one request, the command's name included
 * @param maxBulkBytes   bytes of one argument ({@code proto-max-bulk-len})
 * @param maxInlineBytes bytes of one line: an inline request, or a header of the multibulk form
 * @param maxQueryBytes  bytes of one request that has not arrived whole ({@code client-query-buffer-limit}); the connection
 *                       is closed when such a request needs more
 * @param authenticated  whether the client has authenticated, or need not
 */
public record RequestLimits(int maxArguments, long maxBulkBytes, int maxInlineBytes, long maxQueryBytes,
                            boolean authenticated) {

    /** Arguments that a client may send before it has authenticated. */
    public static final int UNAUTHENTICATED_ARGUMENTS = 10;
    /** Bytes of one argument that a client may send before it has authenticated. */
    public static final int UNAUTHENTICATED_BULK_BYTES = 16 * 1024;

    /** Offsets within a request are ints, so no request may come near their end. */
    private static final long ADDRESSABLE_BYTES = Integer.MAX_VALUE - (1L << 20);
    /** Every bulk header of three digits is within the limits, whatever they are: the decoder's fast path relies on it. */
    private static final int LEAST_MAX_BULK_BYTES = 1024;

    /** The limits of a server that was not configured otherwise, for clients that need not authenticate. */
    public static final RequestLimits DEFAULT =
            new RequestLimits(Integer.MAX_VALUE, 512L << 20, 64 * 1024, 1L << 30, true);

    public RequestLimits {
        if (maxArguments < UNAUTHENTICATED_ARGUMENTS || maxBulkBytes < LEAST_MAX_BULK_BYTES || maxInlineBytes < 64
                || maxQueryBytes < 1024) {
            throw new IllegalArgumentException("limits too small to speak the protocol: " + maxArguments + " arguments, "
                    + maxBulkBytes + " B a bulk, " + maxInlineBytes + " B a line, " + maxQueryBytes + " B a request");
        }
        maxQueryBytes = Math.min(maxQueryBytes, ADDRESSABLE_BYTES);
    }

    /** The same limits for a client that has, or has not, authenticated. */
    public RequestLimits authenticated(boolean yes) {
        return new RequestLimits(maxArguments, maxBulkBytes, maxInlineBytes, maxQueryBytes, yes);
    }

    /** The same limits with another number of arguments. */
    public RequestLimits maxArguments(int arguments) {
        return new RequestLimits(arguments, maxBulkBytes, maxInlineBytes, maxQueryBytes, authenticated);
    }

    /** The same limits with another length of the longest argument. */
    public RequestLimits maxBulkBytes(long bytes) {
        return new RequestLimits(maxArguments, bytes, maxInlineBytes, maxQueryBytes, authenticated);
    }

    /** The same limits with another length of the longest request. */
    public RequestLimits maxQueryBytes(long bytes) {
        return new RequestLimits(maxArguments, maxBulkBytes, maxInlineBytes, bytes, authenticated);
    }

    /** The arguments allowed now. */
    int argumentsNow() {
        return authenticated ? maxArguments : UNAUTHENTICATED_ARGUMENTS;
    }

    /** The bytes of one argument allowed now. */
    long bulkBytesNow() {
        return authenticated ? maxBulkBytes : Math.min(maxBulkBytes, UNAUTHENTICATED_BULK_BYTES);
    }
}
