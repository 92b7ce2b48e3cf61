package dev.lastref.http.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The class path of the tests, with files in the place of directories. What is shipped is a file too, and is kept open: to load a class from
 * it takes no descriptor, while from a directory each takes one, and a class that was not found for want of one is never looked for again.
 */
final class Packed {
    /** Made once for all tests of a process. */
    static final String CLASS_PATH = pack();

    private Packed() {}

    private static String pack() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(classPath.split(File.pathSeparator))
                .map(Path::of)
                .map(entry -> Files.isDirectory(entry) ? packed(entry) : entry)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path packed(Path directory) {
        try {
            Path file = Files.createTempFile("classes", ".jar");
            file.toFile().deleteOnExit();
            try (OutputStream out = Files.newOutputStream(file);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                zip.setLevel(0); // read at once, and thrown away
                for (Path each : filesOf(directory)) {
                    zip.putNextEntry(new ZipEntry(directory.relativize(each).toString()));
                    Files.copy(each, zip);
                }
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot pack " + directory, e);
        }
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
