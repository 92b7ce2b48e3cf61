package dev.lastref.pool.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the machine it runs on. Where that is missing the test is skipped, and standard error says which one and
 * why; where the environment has {@code LASTREF_REQUIRE_PEERS=true}, as a build that must prove everything has, it fails instead.
 */
public final class Requires {
    private static final String MUST_HAVE = "LASTREF_REQUIRE_PEERS";

    private Requires() {}

    /** The test runs as root. */
    public static void root() {
        that(isRoot(), "root");
    }

    /** A program of this name is in the PATH. */
    public static void command(String name) {
        that(isInPath(name), "the command " + name + " in the PATH");
    }

    /** Anything else: {@code what} completes the sentence "requires ...". */
    public static void that(boolean met, String what) {
        check(met, what, Boolean.parseBoolean(System.getenv(MUST_HAVE)));
    }

    static void check(boolean met, String what, boolean mustHave) {
        if (met) {
            return;
        }
        String message = caller() + " requires " + what;
        if (mustHave) {
            throw new AssertionError(message + ", and " + MUST_HAVE + "=true forbids to skip it");
        }
        System.err.println("SKIPPED: " + message + " (with " + MUST_HAVE + "=true it would fail)");
        Assumptions.abort(message);
    }

    private static String caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(Requires.class.getName()))
                        .findFirst()
                        .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                        .orElse("a test"));
    }

    private static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isInPath(String name) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + File.pathSeparator + "/usr/sbin:/sbin";
        return Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }
}
