package io.granary.tools.cluster;

import java.io.IOException;

/** What was asked for needs a cluster in a better state than the one that was found. */
public final class ClusterUnhealthy extends IOException {

    private static final long serialVersionUID = 1L;

    public ClusterUnhealthy(String text) {
        super(text);
    }
}
