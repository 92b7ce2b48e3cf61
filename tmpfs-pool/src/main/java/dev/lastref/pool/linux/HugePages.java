package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the kernel, as it is set up now, may give tmpfs files pages that are parts of large folios: of a memfd by what /sys says of
 * shared memory, of a file in a mounted tmpfs by the mount's option {@code huge=} (Documentation/admin-guide/mm/transhuge.rst). What
 * cannot be read counts as yes, unless this kernel has no huge pages.
 */
public final class HugePages {
    /** "advise" asks for a madvise(2) that nobody gives. */
    private static final Set<String> GIVING = Set.of("always", "within_size", "force");

    private static final Pattern CHOSEN = Pattern.compile("\\[(.*?)]");
    private static final Pattern HUGE = Pattern.compile("(?:^|,)huge=(\\w+)");

    private final Path proc;
    private final Path settings;

    /** Roots other than these are for tests. */
    HugePages(Path proc, Path sys) {
        this.proc = proc;
        this.settings = sys.resolve("kernel/mm/transparent_hugepage");
    }

    public static HugePages ofThisSystem() {
        return new HugePages(Path.of("/proc"), Path.of("/sys"));
    }

    /** What shmem_enabled is set to. */
    String chosenForSharedMemory() throws IOException {
        return chosen(settings.resolve("shmem_enabled"));
    }

    /** Whether memfds may have large folios. */
    public boolean mayBeGivenToMemfds() {
        try {
            if (GIVING.contains(chosenForSharedMemory())) {
                return true;
            }
            try (DirectoryStream<Path> sizes = Files.newDirectoryStream(settings, "hugepages-*")) {
                for (Path size : sizes) { // "inherit" is what the setting above says
                    Path own = size.resolve("shmem_enabled");
                    if (Files.exists(own) && GIVING.contains(chosen(own))) {
                        return true;
                    }
                }
            }
            return false;
        } catch (NoSuchFileException noHugePages) {
            return false;
        } catch (IOException unknown) {
            return true;
        }
    }

    /** Whether files in a directory on a mounted tmpfs may have large folios. */
    public boolean mayBeGivenIn(Path directory) {
        try {
            if (Files.exists(settings) && chosenForSharedMemory().equals("force")) {
                return true;
            }
            Path real = directory.toRealPath();
            Path nearest = Path.of("/");
            String options = "";
            for (String line : Files.readAllLines(proc.resolve("self/mountinfo"))) {
                String[] fields = line.split(" ", -1);
                Path point = Path.of(unescaped(fields[4]));
                if (real.startsWith(point)
                        && point.getNameCount() >= nearest.getNameCount()) { // the last one covers the others
                    nearest = point;
                    options = fields[fields.length - 1];
                }
            }
            Matcher huge = HUGE.matcher(options);
            return huge.find() && GIVING.contains(huge.group(1));
        } catch (IOException unknown) {
            return true;
        }
    }

    private static String chosen(Path file) throws IOException {
        Matcher matcher = CHOSEN.matcher(Files.readString(file));
        return matcher.find() ? matcher.group(1) : "";
    }

    /** As proc(5) escapes them. */
    private static String unescaped(String mountPoint) {
        return mountPoint
                .replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
