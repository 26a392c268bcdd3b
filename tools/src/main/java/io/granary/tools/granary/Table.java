package io.granary.tools.granary;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Columns that are as wide as their widest cell; numbers stand to the right. */
final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        row(headings);
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    void print(PrintWriter out) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(numeric(i) ? padding + row.get(i) : row.get(i) + padding).append("  ");
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /** {@code 16,384}. */
    static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private boolean numeric(int column) {
        return rows.stream().skip(1).map(row -> row.get(column)).allMatch(cell -> cell.matches("-|[\\d,]+"));
    }
}
