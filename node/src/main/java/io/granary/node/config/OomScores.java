package io.granary.node.config;

import java.util.List;

/** The syntax of {@code oom-score-adj-values}: three numbers for primaries, replicas and saving children. */
final class OomScores implements ValueSyntax {
    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        if (words.size() != 3) {
            throw new BadValueException("wrong number of arguments");
        }
        StringBuilder scores = new StringBuilder();
        for (String word : words) {
            NumberText text = new NumberText(word);
            text.readPrefix(10);
            if (!text.atEnd() || text.number() < -2000 || text.number() > 2000) {
                throw new BadValueException("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
            }
            scores.append(scores.isEmpty() ? "" : " ").append(text.number());
        }
        return scores.toString();
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public String shape() {
        return "three numbers, -2000 to 2000";
    }
}
