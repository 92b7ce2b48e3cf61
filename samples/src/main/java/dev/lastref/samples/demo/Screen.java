package dev.lastref.samples.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where the tour prints: plain ASCII, so that it reads the same in every locale, with colours where somebody is looking.
 *
 * <p>Quantities are formatted here too, in one way for the whole tour.
 */
final class Screen {

    /** What a piece of text is, not how it looks. */
    enum Tone {
        PLAIN(""),
        HEADING("1"),
        SOFT("2"),
        GOOD("32"),
        WARM("33"),
        BAD("31");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    private final PrintStream out;
    private final boolean colours;

    Screen(PrintStream out, boolean colours) {
        this.out = out;
        this.colours = colours;
    }

    /** On standard output: in colour on a terminal, unless NO_COLOR (no-color.org) is set. */
    static Screen standard() {
        String noColor = System.getenv("NO_COLOR");
        return new Screen(System.out, isTerminal() && (noColor == null || noColor.isEmpty()));
    }

    /** Not System.console(): from JDK 22 on there is one without a terminal too. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false; // Nothing to look at, so nobody looks.
        }
    }

    void line(String text) {
        out.println(text);
    }

    void heading(String text) {
        out.println();
        out.println(paint(Tone.HEADING, text));
    }

    void note(String text) {
        out.println("   " + text);
    }

    /** Colours a text; its visible width stays. */
    String paint(Tone tone, String text) {
        return !colours || tone == Tone.PLAIN ? text : "\u001b[" + tone.code + "m" + text + "\u001b[0m";
    }

    static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }

    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        if (bytes < 1024 * 1024) {
            return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
        }
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024));
    }
}
