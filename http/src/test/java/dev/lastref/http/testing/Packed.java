package dev.lastref.http.testing;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The class path of the tests as one file, since what is shipped is one, which is kept open. Of a hundred files each takes a descriptor as
 * soon as a class is looked for in those behind it; from a directory each class takes one, and a class that was not found for want of one
 * is never looked for again.
 */
final class Packed {
    private static final String SERVICES = "META-INF/services/";
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    /** Classes for later versions of Java count, as they do in each file by itself. */
    private static final String OWN_MANIFEST = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n";

    /** Made once for all tests of a process. */
    static final String CLASS_PATH = pack().toString();

    /** What is in the file already: of several by one name the first counts, as on a class path. */
    private final Set<String> names = new HashSet<>(Set.of(MANIFEST));

    /** Of services all count. */
    private final Map<String, ByteArrayOutputStream> services = new LinkedHashMap<>();

    private final ZipOutputStream zip;

    private Packed(ZipOutputStream zip) {
        this.zip = zip;
    }

    private static Path pack() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        try {
            Path file = Files.createTempFile("classes", ".jar");
            file.toFile().deleteOnExit();
            try (OutputStream out = Files.newOutputStream(file);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                zip.setLevel(0); // read at once, and thrown away
                Packed packed = new Packed(zip);
                packed.put(MANIFEST, OWN_MANIFEST.getBytes(StandardCharsets.UTF_8));
                for (String entry : classPath.split(File.pathSeparator)) {
                    packed.addAll(Path.of(entry));
                }
                packed.addServices();
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot pack " + classPath, e);
        }
    }

    private void addAll(Path entry) throws IOException {
        if (Files.isDirectory(entry)) {
            addTree(entry);
        } else if (Files.exists(entry)) { // else a class path passes over it as well
            try (FileSystem within = FileSystems.newFileSystem(entry)) {
                addTree(within.getPath("/"));
            }
        }
    }

    private void addTree(Path root) throws IOException {
        for (Path file : filesOf(root)) {
            String name = root.relativize(file).toString();
            if (name.startsWith(SERVICES)) {
                ByteArrayOutputStream all = services.computeIfAbsent(name, first -> new ByteArrayOutputStream());
                Files.copy(file, all);
                all.write('\n');
            } else if (names.add(name)) {
                put(name, Files.readAllBytes(file));
            }
        }
    }

    private void addServices() throws IOException {
        for (Map.Entry<String, ByteArrayOutputStream> service : services.entrySet()) {
            put(service.getKey(), service.getValue().toByteArray());
        }
    }

    private void put(String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }

    private static List<Path> filesOf(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
