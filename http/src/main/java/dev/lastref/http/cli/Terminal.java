package dev.lastref.http.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terminal that the process runs in, driven with plain ANSI sequences and stty(1); where there is no stty, with the usual size and
 * without keys. Gives the screen back as it was, also when a signal ends the process.
 */
final class Terminal implements AutoCloseable {
    private static final String OTHER_SCREEN = "\033[?1049h\033[?25l";
    private static final String USUAL_SCREEN = "\033[?25h\033[?1049l";
    private static final long PATIENCE_SECONDS = 5;
    private static final long POLL_MILLIS = 50;

    /** Rows and columns. */
    record Size(int rows, int columns) {
        static final Size USUAL = new Size(24, 80);
    }

    private final PrintWriter out;
    private final @Nullable String settings;
    private final Thread restoring = new Thread(this::restore, "lastref-terminal");
    private volatile boolean resized;

    private Terminal(PrintWriter out) {
        this.out = out;
        this.settings = stty("-g");
        if (settings != null) {
            stty("-icanon", "-echo", "min", "0", "time", "0");
        }
        Runtime.getRuntime().addShutdownHook(restoring);
        Signals.handle("WINCH", () -> resized = true);
        out.print(OTHER_SCREEN);
        out.flush();
    }

    /** Takes the screen over. */
    static Terminal open(PrintWriter out) {
        return new Terminal(out);
    }

    /** Whether what is printed is seen at once by a person. */
    static boolean isThere() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** As it is now. */
    static Size size() {
        String text = stty("size");
        if (text != null && text.matches("[1-9]\\d* [1-9]\\d*")) {
            int blank = text.indexOf(' ');
            return new Size(Integer.parseInt(text.substring(0, blank)), Integer.parseInt(text.substring(blank + 1)));
        }
        return Size.USUAL;
    }

    /** Shows these lines and nothing else. */
    void show(List<String> lines) {
        StringBuilder text = new StringBuilder("\033[H");
        for (int i = 0; i < lines.size(); i++) {
            text.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append("\033[K");
        }
        out.print(text.append("\033[J"));
        out.flush();
    }

    /**
     * Waits for a key, or until the terminal has another size.
     *
     * @return the key; 0: none came in time, or the size has changed
     */
    char awaitKey(long millis) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < deadline && !resized) {
            if (settings != null && System.in.available() > 0) {
                return (char) System.in.read();
            }
            Thread.sleep(POLL_MILLIS);
        }
        resized = false;
        return 0;
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(restoring);
        } catch (IllegalStateException ending) { // then it runs, or has run
        }
    }

    private void restore() {
        out.print(USUAL_SCREEN);
        out.flush();
        if (settings != null) {
            stty(settings);
        }
    }

    /** What it prints, in one line; null if it cannot. */
    private static @Nullable String stty(String... arguments) {
        try {
            Process process = new ProcessBuilder(command(arguments))
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0 ? printed : null;
        } catch (IOException noStty) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static String[] command(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "stty";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return command;
    }
}
