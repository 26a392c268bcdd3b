package io.granary.tools.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a page has its readers do, in order: files to write and commands with what they print.
 *
 * <p>A comment {@code story: name} in the page begins one. In its {@code console} blocks lines that begin with a dollar are
 * commands, and a command goes on behind a backslash at the end of a line; the lines below it are what is printed, where
 * three dots stand for anything, and alone on a line for any lines. A block under a comment {@code file: name} is the
 * content of that file.
 */
record Story(String name, List<Step> steps) {

    private static final Pattern MARK = Pattern.compile("<!-- (story|file): (\\S+) -->");

    /** One thing that the reader does. */
    sealed interface Step {}

    record WriteFile(String path, String content) implements Step {}

    /** @param line where in the page, from 1 */
    record Run(int line, String command, List<String> printed) implements Step {}

    static List<Story> of(List<String> page) {
        List<Story> stories = new ArrayList<>();
        String file = null;
        for (int i = 0; i < page.size(); i++) {
            Matcher mark = MARK.matcher(page.get(i).strip());
            if (mark.matches()) {
                if (mark.group(1).equals("story")) {
                    stories.add(new Story(mark.group(2), new ArrayList<>()));
                } else {
                    file = mark.group(2);
                }
            } else if (page.get(i).startsWith("```")) {
                String kind = page.get(i).substring(3);
                int end = i + 1;
                while (!page.get(end).equals("```")) {
                    end++;
                }
                List<String> block = page.subList(i + 1, end);
                if (file != null) {
                    stories.getLast().steps.add(new WriteFile(file, String.join("\n", block) + "\n"));
                } else if (kind.equals("console")) {
                    stories.getLast().steps.addAll(commands(block, i + 2));
                }
                file = null;
                i = end;
            }
        }
        return stories;
    }

    private static List<Run> commands(List<String> block, int firstLine) {
        List<Run> commands = new ArrayList<>();
        for (int i = 0; i < block.size(); i++) {
            String line = block.get(i);
            if (!line.startsWith("$ ")) {
                commands.getLast().printed.add(line);
                continue;
            }
            int begin = i;
            StringBuilder command = new StringBuilder(line.substring(2));
            while (command.charAt(command.length() - 1) == '\\') {
                command.append('\n').append(block.get(++i));
            }
            commands.add(new Run(firstLine + begin, command.toString(), new ArrayList<>()));
        }
        return commands;
    }
}
