package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import io.granary.gossip.wire.MessageType;
import io.granary.gossip.wire.PingExtension;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a message apart and gives each part of the machine its share, in an order that matters: first that the sender
 * lives, then what time it is, then what the sender is, then what it claims, then what it has heard of others. The answer
 * to a ping goes out last, so that it tells what the ping has taught, and an objection to the claims in the ping goes out
 * before the answer on the same connection: who has our answer has our objections.
 */
final class Reception {

    private final ClusterState state;
    private final Links links;
    private final Messages messages;
    private final Membership membership;
    private final FailureDetector failures;
    private final SlotClaims claims;
    private final Epochs epochs;
    private final Votes votes;
    private final Election election;
    private final ManualFailover manual;
    private final Succession succession;
    private final HandOver handOver;
    private final Blacklist blacklist;
    private final KnownGrants grants;

    Reception(
            ClusterState state,
            Links links,
            Messages messages,
            Membership membership,
            FailureDetector failures,
            SlotClaims claims,
            Epochs epochs,
            Votes votes,
            Election election,
            ManualFailover manual,
            Succession succession,
            HandOver handOver,
            Blacklist blacklist,
            KnownGrants grants) {
        this.state = state;
        this.links = links;
        this.messages = messages;
        this.membership = membership;
        this.failures = failures;
        this.claims = claims;
        this.epochs = epochs;
        this.votes = votes;
        this.election = election;
        this.manual = manual;
        this.succession = succession;
        this.handOver = handOver;
        this.blacklist = blacklist;
        this.grants = grants;
    }

    void received(Link link, BusMessage message) {
        messages.count(message);
        Node sender = sender(link, message.header());
        if (sender != null) {
            fromMember(link, sender, message);
        } else if (message instanceof BusMessage.Heartbeat heartbeat && link.inbound) {
            fromStranger(link, heartbeat);
        } else if (message instanceof BusMessage.Heartbeat heartbeat) {
            fromAnother(link, heartbeat);
        }
    }

    private void fromMember(Link link, Node sender, BusMessage message) {
        sender.dataReceivedMs = state.nowMs;
        links.signOfLife(sender);
        boolean news = isNews(sender, link, message.header());
        // Epochs only grow, so that an old message can do no harm here; and a request for votes, which waits for the disk
        // and so comes behind later words, is worthless without its epoch.
        epochs.heard(sender, message.header());
        if (news) {
            sender.offset = message.header().offset();
            succession.heard(sender, message.header());
            failures.heard(sender);
            manual.heard(sender, message.header());
            election.heard(sender);
        }
        switch (message) {
            case BusMessage.Heartbeat heartbeat -> heartbeat(link, sender, heartbeat, news);
            case BusMessage.Fail fail -> failures.told(fail, sender);
            case BusMessage.Update update -> claims.updated(update);
            case BusMessage.FailoverAuthRequest request -> {
                election.rivalAsked(request.header());
                votes.requested(sender, request.header(), link);
            }
            case BusMessage.FailoverAuthAck vote -> {
                if (!succession.reelection().voted(sender, vote.header())) {
                    election.voted(sender, vote.header());
                }
            }
            case BusMessage.MfStart _ -> manual.requested(sender);
            case BusMessage.Publish _, BusMessage.Module _ -> {
                // That the sender lives is all they say to the machine.
            }
        }
    }

    /**
     * The member who sent it; null for a stranger, for ourselves, and on our own link for anybody but the one whom we
     * called.
     */
    private Node sender(Link link, BusHeader header) {
        Node sender = state.node(header.sender());
        if (sender == null || sender == state.myself || sender.is(NodeFlag.HANDSHAKE)) {
            return null;
        }
        if (link.inbound) {
            links.identify(link, sender);
        }
        return link.node == sender ? sender : null;
    }

    /** Somebody who is not a member calls, or we ourselves: answered, and met in turn if that is wanted. */
    private void fromStranger(Link link, BusMessage.Heartbeat heartbeat) {
        if (heartbeat.type() == MessageType.PONG) {
            return;
        }
        boolean meet = heartbeat.type() == MessageType.MEET;
        membership.learnOwnAddress(link, meet);
        if (meet && !heartbeat.header().sender().equals(state.myself.id)) {
            membership.metBy(heartbeat.header(), link);
        }
        messages.pong(link);
    }

    /** We called one node and hear another: the end of a handshake, or somebody who lives now where the node was. */
    private void fromAnother(Link link, BusMessage.Heartbeat heartbeat) {
        Node node = link.node;
        if (!node.is(NodeFlag.HANDSHAKE)) {
            state.out.log(Output.Level.DEBUG, "PONG contains mismatching sender ID. About node " + node);
            membership.loseAddress(node);
        } else if (membership.shakeHands(node, heartbeat.header())) {
            fromMember(link, node, heartbeat);
        }
    }

    /**
     * Whether the sender has not said anything later. After a pause of either side an old connection may hand over what
     * was sent long ago, behind newer words on another one. Two processes of one node are told apart by when their
     * connections were made.
     */
    private static boolean isNews(Node sender, Link link, BusHeader header) {
        BusHeader.Stamp stamp = header.stamp();
        if (stamp == null) {
            return true;
        }
        boolean sameProcess = sender.newest != null && sender.newest.boot() == stamp.boot();
        if (sameProcess && stamp.sequence() <= sender.newest.sequence()) {
            return false;
        }
        if (!sameProcess && sender.newest != null && link.order <= sender.newestLinkOrder) {
            return false;
        }
        sender.newest = stamp;
        sender.newestLinkOrder = sameProcess ? Math.max(sender.newestLinkOrder, link.order) : link.order;
        return true;
    }

    private void heartbeat(Link link, Node sender, BusMessage.Heartbeat heartbeat, boolean news) {
        BusHeader header = heartbeat.header();
        if (link.inbound && heartbeat.type() != MessageType.PONG) {
            membership.learnOwnAddress(link, heartbeat.type() == MessageType.MEET);
        }
        if (news && link.inbound && heartbeat.type() == MessageType.PING) {
            membership.updateAddress(sender, link, header);
        }
        boolean answer = !link.inbound && heartbeat.type() == MessageType.PONG;
        boolean sure = header.stamp() != null && header.stamp().sure();
        if (answer && !sure) {
            answered(sender);
            succession.answered(sender, header);
        }
        heartbeat.gossip().forEach(succession.contests()::heardOf);
        grants(sender, heartbeat, news);
        if (answer && sure) {
            handOver.answered(sender, header);
            claims.answered(sender, header);
        }
        if (news) {
            role(sender, header);
            slots(link, sender, header);
            epochs.partFrom(sender, header.configEpoch());
            votes.heardFrom(sender);
            for (GossipEntry entry : heartbeat.gossip()) {
                gossip(sender, entry);
            }
            extensions(link, sender, heartbeat);
        }
        if (heartbeat.type() != MessageType.PONG && sure && handOver.agrees(sender, header)) {
            messages.assent(link, heartbeat);
        } else if (heartbeat.type() != MessageType.PONG) {
            messages.answer(link, heartbeat, succession.promises().give(sender, header));
        }
    }

    private void answered(Node node) {
        node.pongReceivedMs = state.nowMs;
        if (node.pingSentMs != 0) {
            node.answeredPingSentMs = node.pingSentMs;
            node.pingSentMs = 0;
        }
        failures.answered(node);
    }

    private void role(Node sender, BusHeader header) {
        if (header.is(NodeFlag.NOFAILOVER)
                ? sender.flags.add(NodeFlag.NOFAILOVER)
                : sender.flags.remove(NodeFlag.NOFAILOVER)) {
            state.changedSoft();
        }
        if (header.isPrimary()) {
            claims.promote(sender);
        } else {
            claims.demote(sender, state.node(header.primary()), header);
        }
    }

    private void slots(Link link, Node sender, BusHeader header) {
        Node claimant = sender.isPrimary() ? sender : sender.primary;
        if (sender == state.myself.primary && sender.isPrimary()) {
            state.claimedByPrimary = header.slots();
        }
        if (claimant == null || claimant.slots().equals(header.slots()) && state.abandoned().isEmpty()) {
            return;
        }
        if (sender.isPrimary()) {
            claims.claimed(sender, header.configEpoch(), header.slots());
        }
        claims.correct(link, claimant, header.configEpoch(), header.slots());
    }

    private void gossip(Node sender, GossipEntry entry) {
        Node node = state.node(entry.id());
        if (node == null) {
            membership.heardOf(entry);
        } else if (node != state.myself && !node.is(NodeFlag.HANDSHAKE)) {
            failures.reported(node, sender, entry);
            failures.heardOf(node, entry);
            if (node.isFailing() && !entry.is(NodeFlag.FAIL) && !entry.is(NodeFlag.PFAIL)) {
                membership.heardOfMove(node, entry);
            }
        }
    }

    /** Before the answer to a question whether this node agrees: who has the answer has a witness. */
    private void grants(Node sender, BusMessage.Heartbeat heartbeat, boolean news) {
        if (heartbeat.header().stamp() == null || heartbeat.extensions().isEmpty()) {
            return;
        }
        List<SlotGrant> told = new ArrayList<>();
        for (PingExtension extension : heartbeat.extensions()) {
            if (extension instanceof PingExtension.Granted(SlotGrant grant)) {
                told.add(grant);
            }
        }
        grants.heard(sender, told, news);
    }

    /**
     * What a sender says beyond the header. One that reads extensions but has written none does not know yet that we do,
     * so its silence about its names means nothing; it is told ours at once.
     */
    private void extensions(Link link, Node sender, BusMessage.Heartbeat heartbeat) {
        boolean reads = heartbeat.header().has(BusHeader.EXTENSIONS);
        if (reads && !sender.readsExtensions) {
            sender.readsExtensions = true;
            if (heartbeat.type() == MessageType.PONG) {
                messages.pong(link);
            }
        }
        if (reads && heartbeat.extensions().isEmpty()) {
            return;
        }
        String hostname = "";
        String humanName = "";
        String shard = sender.shard();
        for (PingExtension extension : heartbeat.extensions()) {
            switch (extension) {
                case PingExtension.Hostname named -> hostname = named.name();
                case PingExtension.HumanName named -> humanName = named.name();
                case PingExtension.ShardId told -> shard = told.id();
                case PingExtension.ForgottenNode forgotten -> forgotten(forgotten);
                case PingExtension.Granted _ -> {
                    // is noted whether it is news or not
                }
            }
        }
        if (!hostname.equals(sender.hostname) || !humanName.equals(sender.humanName) || sender.shard(shard)) {
            sender.hostname = hostname;
            sender.humanName = humanName;
            sender.shard(shard);
            state.learned(false);
        }
    }

    private void forgotten(PingExtension.ForgottenNode forgotten) {
        Node node = state.node(forgotten.id());
        if (node != null && node != state.myself && node != state.myself.primary && !node.is(NodeFlag.HANDSHAKE)) {
            blacklist.add(node.id, forgotten.ttlS());
            membership.remove(node);
        }
    }
}
