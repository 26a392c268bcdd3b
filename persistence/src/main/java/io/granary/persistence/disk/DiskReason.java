package io.granary.persistence.disk;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why the system refused something about a file, in the system's words as servers in C log them. */
public final class DiskReason {

    private DiskReason() {}

    public static String of(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "No such file or directory";
            case AccessDeniedException _ -> "Permission denied";
            case NotDirectoryException _ -> "Not a directory";
            case FileAlreadyExistsException _ -> "File exists";
            case FileSystemException f when f.getReason() != null -> f.getReason();
            default -> String.valueOf(failure.getMessage());
        };
    }
}
