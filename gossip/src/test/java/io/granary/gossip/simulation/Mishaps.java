package io.granary.gossip.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/** What can go wrong in any cluster, by chance, and how all of it is mended. */
final class Mishaps {

    private final Simulation simulation;
    private final RandomGenerator random;

    Mishaps(Simulation simulation) {
        this.simulation = simulation;
        this.random = simulation.random();
    }

    SimulatedNode any() {
        return simulation.nodes().get(random.nextInt(simulation.nodes().size()));
    }

    void partition() {
        List<SimulatedNode> shuffled = new ArrayList<>(simulation.nodes());
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        int cut = random.nextInt(shuffled.size());
        simulation.network().partition(shuffled.subList(0, cut), shuffled.subList(cut, shuffled.size()));
    }

    void pauseOrResume(SimulatedNode node) {
        if (node.fate() == SimulatedNode.Fate.RUNNING) {
            node.pause();
        } else if (node.fate() == SimulatedNode.Fate.PAUSED) {
            node.resume();
        }
    }

    void killOrStart(SimulatedNode node) {
        if (node.isAlive()) {
            node.kill(random.nextBoolean());
        } else {
            node.start();
        }
    }

    /** Ends all faults. */
    void mend() {
        simulation.network().heal();
        simulation.network().faults(SimulatedNetwork.Faults.NONE);
        for (SimulatedNode node : simulation.nodes()) {
            node.disk().full(false);
            node.disk().latency(20);
            switch (node.fate()) {
                case RUNNING -> { }
                case PAUSED -> node.resume();
                case KILLED, POWERLESS -> node.start();
            }
        }
    }
}
