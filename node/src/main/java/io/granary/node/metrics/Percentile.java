package io.granary.node.metrics;

import java.util.ArrayList;
import java.util.List;

/** Percentiles of the histograms of {@link LoopStatistics}, which are exact to a factor of two. */
public final class Percentile {

    private Percentile() {}

    /** The numbers of {@code latency-tracking-info-percentiles}. */
    public static List<Double> parse(String numbers) {
        List<Double> parsed = new ArrayList<>();
        for (String number : numbers.isBlank() ? new String[0] : numbers.trim().split(" +")) {
            parsed.add(Double.valueOf(number));
        }
        return parsed;
    }

    /** The upper end in microseconds of the bucket in which the percentile lies; -1 when nothing was counted. */
    public static double of(long[] histogram, double percentile) {
        long total = 0;
        for (long count : histogram) {
            total += count;
        }
        if (total == 0) {
            return -1;
        }
        long wanted = Math.max(1, (long) Math.ceil(total * percentile / 100));
        long seen = 0;
        for (int i = 0; i < histogram.length; i++) {
            seen += histogram[i];
            if (seen >= wanted) {
                return 1L << i;
            }
        }
        return 1L << histogram.length - 1;
    }

    /** The percentile without zeros behind its point. */
    public static String text(double percentile) {
        return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
    }
}
