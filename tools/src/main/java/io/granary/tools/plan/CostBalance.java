package io.granary.tools.plan;

import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sharing by what slots cost.
 *
 * <p>Even shares of unequal slots are a bin packing problem, and its exact solution would move nearly everything. Here the
 * primary with the largest surplus gives to the one with the largest deficit, again and again, as much as the smaller of
 * the two and in as few slots as {@link CostPick} finds; never so much more that the receiver is off afterwards. A pair
 * for which no slots are left that bring both nearer is done with, so the rounds end. Primaries of weight 0 give away at
 * last also what costs nothing.
 */
final class CostBalance {

    /** A primary while the plan is made. */
    private static final class Account {
        private final Holder holder;
        private final SlotSet slots;
        /** What was its own from the beginning and may still be given. */
        private final SlotSet givable;
        private long cost;
        private double share;
        private boolean stuck;

        Account(Holder holder, long cost) {
            this.holder = holder;
            this.slots = SlotSet.copyOf(holder.slots());
            this.givable = SlotSet.copyOf(holder.slots());
            this.cost = cost;
        }

        double surplus() {
            return cost - share;
        }
    }

    private final SlotCosts costs;
    private final double tolerance;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Plan.Draft draft = new Plan.Draft();

    CostBalance(List<Holder> holders, SlotCosts costs, double thresholdPercent) {
        this.costs = costs;
        this.tolerance = thresholdPercent / 100;
        holders.forEach(holder -> accounts.put(holder.id(), new Account(holder, costs.sum(holder.slots()))));
        double weights = holders.stream().mapToDouble(Holder::weight).sum();
        if (weights == 0) {
            throw new IllegalArgumentException("no primary has a weight");
        }
        long total = accounts.values().stream().mapToLong(account -> account.cost).sum();
        accounts.values().forEach(account -> account.share = total * account.holder.weight() / weights);
    }

    Plan plan() {
        if (accounts.values().stream().noneMatch(this::isOff)) {
            return Plan.NOTHING;
        }
        while (giveOnce()) {
            assert accounts.values().stream().noneMatch(account -> account.cost < 0);
        }
        accounts.values().stream().filter(account -> account.holder.weight() == 0).forEach(this::giveTheRest);
        return draft.plan();
    }

    private boolean isOff(Account account) {
        return account.holder.weight() == 0
                ? !account.slots.isEmpty() : Math.abs(account.surplus()) > tolerance * account.share;
    }

    /** One gift between the two that are off the most; false when nobody can give any more. */
    private boolean giveOnce() {
        List<Account> bySurplus = new ArrayList<>(accounts.values());
        bySurplus.sort(Comparator.comparingDouble(Account::surplus));
        Account receiver = bySurplus.getFirst();
        Account donor = bySurplus.reversed().stream().filter(account -> !account.stuck).findFirst().orElse(receiver);
        double wanted = Math.min(donor.surplus(), -receiver.surplus());
        if (wanted <= 0 || !isOff(donor) && !isOff(receiver)) {
            return false;
        }
        SlotSet some = new CostPick(donor.givable, receiver.slots, costs)
                .worth(wanted, Math.min(wanted, tolerance * Math.min(donor.share, receiver.share)) / 2);
        if (some.isEmpty()) {
            donor.stuck = true;
        } else {
            give(donor, receiver, some);
        }
        return true;
    }

    private void give(Account donor, Account receiver, SlotSet some) {
        long cost = costs.sum(some);
        donor.slots.removeAll(some);
        donor.givable.removeAll(some);
        donor.cost -= cost;
        receiver.slots.addAll(some);
        receiver.cost += cost;
        draft.move(donor.holder.id(), receiver.holder.id(), some);
    }

    private void giveTheRest(Account donor) {
        while (!donor.slots.isEmpty()) {
            Account receiver = accounts.values().stream().filter(account -> account.holder.weight() > 0)
                    .min(Comparator.comparingDouble(account -> account.surplus() / account.holder.weight())).orElseThrow();
            give(donor, receiver, SlotSet.of(List.of(donor.slots.ranges().getFirst())));
        }
    }
}
