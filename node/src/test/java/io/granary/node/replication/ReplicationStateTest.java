package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplicationStateTest {

    private final ReplicationState following = new ReplicationState("LocalHost", 7000, LinkPhase.CONNECT);

    @Test
    void aPrimaryFollowsNobody() {
        assertThat(ReplicationState.LEADING.isReplica()).isFalse();
        assertThat(ReplicationState.LEADING.at(LinkPhase.CONNECTED).connected()).isFalse();
    }

    @Test
    void namesOfHostsHaveNoCase() {
        assertThat(following.follows("localhost", 7000)).isTrue();
        assertThat(following.follows("localhost", 7001)).isFalse();
        assertThat(following.follows("127.0.0.1", 7000)).isFalse();
    }

    @Test
    void aLinkIsUpWhenTheStreamIsApplied() {
        assertThat(following.at(LinkPhase.SYNC).connected()).isFalse();
        assertThat(following.at(LinkPhase.CONNECTED).connected()).isTrue();
    }
}
