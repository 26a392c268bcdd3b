package io.granary.node.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** The syntax of {@code latency-tracking-info-percentiles}. */
public final class Percentiles implements ValueSyntax {
    /** The percentiles of a value in force, from 0 to 100. */
    public static double[] of(String value) {
        String[] words = value.isEmpty() ? new String[0] : value.split(" ");
        double[] percentiles = new double[words.length];
        for (int i = 0; i < words.length; i++) {
            percentiles[i] = Double.parseDouble(words[i]);
        }
        return percentiles;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        List<String> percentiles = new ArrayList<>();
        boolean none = words.size() == 1 && words.getFirst().isEmpty();
        for (String word : none ? List.<String>of() : words) {
            percentiles.add(percentile(word));
        }
        return String.join(" ", percentiles);
    }

    private static String percentile(String word) throws BadValueException {
        double percentile = number(word);
        if (Double.isNaN(percentile)) {
            throw new BadValueException("Invalid latency-tracking-info-percentiles parameters");
        }
        if (percentile > 100 || percentile < 0) {
            throw new BadValueException("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
        }
        BigDecimal shown = new BigDecimal(percentile).setScale(6, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return shown.toPlainString();
    }

    /** A number in C's spelling, or NaN. */
    private static double number(String word) {
        boolean foreign = word.isEmpty() || ConfigLine.isBlank(word.charAt(0))
                || "dDfF".indexOf(word.charAt(word.length() - 1)) >= 0;
        try {
            return foreign ? infinity(word) : Double.parseDouble(word);
        } catch (NumberFormatException _) {
            return infinity(word);
        }
    }

    private static double infinity(String word) {
        String unsigned = word.startsWith("-") || word.startsWith("+") ? word.substring(1) : word;
        boolean infinite = unsigned.equalsIgnoreCase("inf") || unsigned.equalsIgnoreCase("infinity");
        return infinite ? Double.POSITIVE_INFINITY : Double.NaN;
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return List.of(new RewriteLine(directive.name() + ' ' + (value.isEmpty() ? "\"\"" : value), true));
    }

    @Override
    public String shape() {
        return "numbers from 0 to 100, or \"\"";
    }
}
