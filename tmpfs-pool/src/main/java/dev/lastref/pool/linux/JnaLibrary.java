package dev.lastref.pool.linux;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/**
 * Where JNA gets its own native library from. It would unpack it into a temporary directory, of which there is none on a read-only root,
 * nor one from which a library can be loaded where all that can be written to is mounted noexec. So one that lies beside our jar goes
 * first.
 */
final class JnaLibrary {
    private static final String PATH = "jna.boot.library.path";
    private static final String FILE = "libjnidispatch.so";

    private JnaLibrary() {}

    /**
     * Runs what makes JNA load it.
     *
     * @throws UnsatisfiedLinkError if it can be loaded from nowhere; with what can be done
     */
    static void load(Runnable first) {
        Path beside = besideTheJar();
        if (System.getProperty(PATH) == null && beside != null) {
            System.setProperty(PATH, beside.toString());
            System.setProperty("jna.nounpack", "true");
        }
        // JNA would log a stack trace before it fails.
        if (System.getProperty(PATH) == null && !canUnpack()) {
            throw unloaded("there is no directory to unpack it into: neither ~/.cache nor "
                    + System.getProperty("java.io.tmpdir") + " can be written to");
        }
        try {
            first.run();
        } catch (UnsatisfiedLinkError e) {
            UnsatisfiedLinkError explained = unloaded(String.valueOf(e.getMessage()));
            explained.initCause(e);
            throw explained;
        }
    }

    private static UnsatisfiedLinkError unloaded(String why) {
        return new UnsatisfiedLinkError(
                "cannot load JNA's library: " + why + ". Put it beside the jar (unzip -j lastref.jar"
                        + " com/sun/jna/linux-x86-64/" + FILE
                        + ", or linux-aarch64), or mount a directory at /tmp that can be written to"
                        + " and is not noexec");
    }

    private static boolean canUnpack() {
        return isWritable(System.getProperty("jna.tmpdir"))
                || isWritable(System.getProperty("java.io.tmpdir"))
                || isWritable(System.getProperty("user.home"));
    }

    private static boolean isWritable(@Nullable String directory) {
        return directory != null && Files.isWritable(Path.of(directory));
    }

    private static @Nullable Path besideTheJar() {
        CodeSource source = JnaLibrary.class.getProtectionDomain().getCodeSource();
        try {
            Path jar = source == null ? null : Path.of(source.getLocation().toURI());
            Path directory = jar == null || !Files.isRegularFile(jar) ? null : jar.getParent();
            return directory != null && Files.isReadable(directory.resolve(FILE)) ? directory : null;
        } catch (URISyntaxException | IllegalArgumentException | SecurityException noFile) {
            return null;
        }
    }
}
