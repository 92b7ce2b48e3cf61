package dev.lastref.bench.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The programs of others that a comparison needs: found, never installed. */
public final class Programs {
    /** Where Debian puts servers, which is not on everybody's PATH. */
    private static final List<String> ALSO = List.of("/usr/local/sbin", "/usr/sbin", "/sbin");

    private static final Map<String, String> DEBIAN_PACKAGES = Map.of(
            "nginx",
            "nginx-light",
            "varnishd",
            "varnish",
            "haproxy",
            "haproxy",
            "wrk",
            "wrk",
            "h2load",
            "nghttp2-client");

    private final Map<String, Path> found = new LinkedHashMap<>();

    /**
     * Finds them all.
     *
     * @throws IllegalStateException with a sentence that says how to install those that are missing
     */
    public static Programs find(List<String> names) {
        Programs programs = new Programs();
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            find(name).findFirst().ifPresentOrElse(path -> programs.found.put(name, path), () -> missing.add(name));
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    String.join(", ", missing)
                            + " not found, neither on PATH nor in /usr/sbin. On Debian: apt-get install --no-install-recommends "
                            + String.join(
                                    " ",
                                    missing.stream()
                                            .map(name -> DEBIAN_PACKAGES.getOrDefault(name, name))
                                            .toList())
                            + ", and stop the services that this starts. Or leave peers out with --peers, and h2load with --scenarios.");
        }
        return programs;
    }

    private static Stream<Path> find(String name) {
        String path = System.getenv("PATH");
        List<String> folders = new ArrayList<>(path == null ? List.of() : List.of(path.split(":", -1)));
        folders.addAll(ALSO);
        return folders.stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file));
    }

    public String path(String name) {
        Path path = found.get(name);
        if (path == null) {
            throw new IllegalArgumentException(name + " was not looked for");
        }
        return path.toString();
    }
}
