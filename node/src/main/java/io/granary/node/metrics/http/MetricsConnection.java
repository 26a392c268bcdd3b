package io.granary.node.metrics.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** One connection to the metrics port: it asks once, is answered, and ends; whatever it does, it ends soon. */
final class MetricsConnection extends ChannelInboundHandlerAdapter {

    private static final int SECONDS_MAX = 5;

    private final MetricsRoutes routes;
    private boolean asked;

    MetricsConnection(MetricsRoutes routes) {
        this.routes = routes;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        var end = context.executor().schedule(() -> context.close(), SECONDS_MAX, TimeUnit.SECONDS);
        context.channel().closeFuture().addListener(_ -> end.cancel(false));
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            // of what follows the first request nothing is read: its answer is the last
            if (message instanceof HttpRequest request && !asked) {
                asked = true;
                answer(context, request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void answer(ChannelHandlerContext context, HttpRequest request) {
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (request.decoderResult().isFailure()) {
            reply(context, Answer.refusal(HttpResponseStatus.BAD_REQUEST));
        } else if (head || request.method().equals(HttpMethod.GET)) {
            String uri = request.uri();
            int query = uri.indexOf('?');
            routes.get(query < 0 ? uri : uri.substring(0, query), context.executor(), answer -> reply(context, answer));
        } else {
            reply(context, Answer.refusal(HttpResponseStatus.METHOD_NOT_ALLOWED));
        }
    }

    private static void reply(ChannelHandlerContext context, Answer answer) {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status(), Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
