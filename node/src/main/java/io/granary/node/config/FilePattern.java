package io.granary.node.config;

import io.granary.slots.command.Glob;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The files that a shell pattern names. */
final class FilePattern {
    private FilePattern() { }

    /** The files in the order of their names; folders that cannot be read hold none. */
    static List<Path> expand(Path from, String pattern) {
        Path whole = from.resolve(pattern);
        List<Path> found = List.of(whole.getRoot());
        for (Path element : whole) {
            List<Path> deeper = new ArrayList<>();
            for (Path folder : found) {
                addMatches(deeper, folder, element.toString());
            }
            found = deeper;
        }
        return found;
    }

    private static void addMatches(List<Path> out, Path folder, String element) {
        if (element.indexOf('*') < 0 && element.indexOf('?') < 0 && element.indexOf('[') < 0) {
            Path path = folder.resolve(element);
            if (Files.exists(path)) {
                out.add(path);
            }
            return;
        }
        Glob pattern = Glob.of(Latin1.ofUtf8(element), false);
        List<Path> here = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                boolean hidden = name.startsWith(".") && !element.startsWith(".");
                if (!hidden && pattern.matches(Latin1.ofUtf8(name))) {
                    here.add(entry);
                }
            }
        } catch (IOException _) {
            here.clear();
        }
        Collections.sort(here);
        out.addAll(here);
    }
}
