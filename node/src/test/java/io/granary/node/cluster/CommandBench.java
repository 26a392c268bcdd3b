package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.fail;

import io.granary.gossip.ClusterView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.config.BadValueException;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.Endpoints;
import io.granary.node.log.NodeLog;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** Runs CLUSTER commands without a node: on a view that the test makes up, and a machine whose answers it gives. */
final class CommandBench implements ClusterServices {

    private final Keyspace keyspace;
    private final CommandTable<SlotCall> table;
    ClusterView view;
    boolean enabled = true;
    final Configuration configuration = Configuration.initial();
    final Endpoints endpoints = new Endpoints(configuration);
    InetAddress caller = InetAddress.getLoopbackAddress();
    Map<Long, Long> pendingBytes = Map.of();
    Output.Answer answer = new Output.Answer(1, "OK", null);
    OperatorRequest asked;
    boolean resp3;

    CommandBench(Keyspace keyspace) {
        this.keyspace = keyspace;
        this.table = new CommandTable<>(List.of(
                new ClusterReports(this).table(),
                new ClusterSlotsCommands(this, new SetSlotCommand(this, NodeLog.silent())).table(),
                new ClusterMembershipCommands(this).table()));
    }

    /** The reply's bytes, with {@code \r\n} written as a space; an error begins with a minus. */
    String reply(String... arguments) {
        Request request = request(arguments);
        Command<SlotCall> command = table.find(request);
        if (command == null || !command.accepts(request.count())) {
            return fail("refused by the table: " + String.join(" ", arguments));
        }
        StringBuilder text = new StringBuilder();
        try (ReplyBuffer out = new ReplyBuffer(UnpooledByteBufAllocator.DEFAULT)) {
            ReplyWriter reply = new ReplyWriter(out);
            reply.resp3(resp3);
            SlotCall call = new SlotCall(keyspace, reply, CallSettings.DEFAULT, new SplittableRandom(1));
            call.begin(request, 0, 0, 0);
            try {
                command.body().run(call);
            } catch (CommandException refusal) {
                return "-" + refusal.text();
            }
            out.drain(chunk -> {
                text.append(chunk.toString(StandardCharsets.ISO_8859_1));
                chunk.release();
            });
        }
        return text.toString().replace("\r\n", " ").trim();
    }

    /** Sets directives: names and values in turn. */
    void set(String... namesAndValues) {
        try {
            configuration.set(List.of(namesAndValues), true);
        } catch (BadValueException refused) {
            throw new IllegalArgumentException(refused);
        }
    }

    private static Request request(String... arguments) {
        MemorySegment segment = Arena.ofAuto().allocate(4096);
        Request request = new Request();
        request.begin(segment);
        int offset = 0;
        for (String argument : arguments) {
            byte[] bytes = argument.getBytes(StandardCharsets.ISO_8859_1);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
            request.add(offset, bytes.length);
            offset += bytes.length;
        }
        return request;
    }

    @Override
    public boolean enabled() {
        return enabled;
    }

    @Override
    public ClusterView view() {
        return view;
    }

    @Override
    public ClusterView await(Predicate<ClusterView> wanted, long mostMs) {
        return view;
    }

    @Override
    public Output.Answer ask(OperatorRequest request) {
        asked = request;
        return answer;
    }

    @Override
    public CompletableFuture<Output.Answer> order(OperatorRequest request) {
        asked = request;
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public SlotReplicas replicas() {
        return new SlotReplicas() {
            @Override
            public boolean understandSlots() {
                return false;
            }

            @Override
            public void tell(byte[] request) {
                fail("nobody listens");
            }

            @Override
            public boolean awaitAll(long timeoutMs) {
                return fail("nobody was told");
            }
        };
    }

    @Override
    public GossipDriver.LinkBuffers linkBuffers() {
        return new GossipDriver.LinkBuffers(pendingBytes, 3);
    }

    @Override
    public Endpoints endpoints() {
        return endpoints;
    }

    @Override
    public InetAddress caller(SlotCall call) {
        return caller;
    }

    @Override
    public long replicationOffset() {
        return 77;
    }
}
