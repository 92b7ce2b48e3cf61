package dev.lastref.http.config;

import dev.lastref.pool.PoolConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the texts of settings mean. Each throws an IllegalArgumentException for a text that means nothing. */
final class SettingTexts {
    /** Of whatever is counted. */
    static final int MOST = 1_000_000;

    private static final int SMALLEST_PIN_SECONDS = 1;

    private SettingTexts() {}

    static Path absolute(String text) {
        Path path = Path.of(text.strip());
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(text);
        }
        return path;
    }

    static List<String> names(String text) {
        return text.strip().equals("none")
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    static boolean flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    static List<Path> files(String text) {
        return names(text).stream().map(SettingTexts::nonEmpty).map(Path::of).toList();
    }

    private static String nonEmpty(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a name is empty");
        }
        return text;
    }

    static Optional<Path> file(String text) {
        return text.strip().equals("none") ? Optional.empty() : Optional.of(Path.of(text.strip()));
    }

    static Optional<String> healthPath(String text) {
        String path = text.strip();
        if (path.equals("none")) {
            return Optional.empty();
        }
        if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(text);
        }
        return Optional.of(path);
    }

    /** A number from {@code least} to {@link #MOST}. */
    static int number(String text, int least) {
        return number(text, least, MOST);
    }

    static int number(String text, int least, int most) {
        int number = Integer.parseInt(text.strip());
        if (number < least || number > most) {
            throw new IllegalArgumentException(text);
        }
        return number;
    }

    static long poolSize(String text) {
        long size = Units.size(text);
        if (size < PoolConfig.SMALLEST_CAPACITY) {
            throw new IllegalArgumentException(text);
        }
        return size;
    }

    static long atLeastAMebibyte(String text) {
        long size = Units.size(text);
        if (size < 1 << 20) {
            throw new IllegalArgumentException(text);
        }
        return size;
    }

    /** A size from {@code least} bytes to 1 GiB. */
    static int smallSize(String text, int least) {
        return smallSize(text, least, 1 << 30);
    }

    static int smallSize(String text, int least, int most) {
        long size = Units.size(text);
        if (size < least || size > most) {
            throw new IllegalArgumentException(text);
        }
        return (int) size;
    }

    static String logTarget(String text) {
        return switch (text.strip()) {
            case "off", "stdout", "stderr" -> text.strip();
            default -> absolute(text).toString();
        };
    }

    static System.Logger.Level level(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "error" -> System.Logger.Level.ERROR;
            case "warning" -> System.Logger.Level.WARNING;
            case "info" -> System.Logger.Level.INFO;
            case "debug" -> System.Logger.Level.DEBUG;
            default -> throw new IllegalArgumentException(text);
        };
    }

    static Duration positive(String text) {
        Duration duration = Units.duration(text);
        if (duration.isZero()) {
            throw new IllegalArgumentException(text);
        }
        return duration;
    }

    static Duration pinTimeout(String text) {
        Duration duration = Units.duration(text);
        // The ledger looks eight times in it; and nobody means to wait for longer than an int of milliseconds can say.
        if (duration.toSeconds() < SMALLEST_PIN_SECONDS || duration.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(text);
        }
        return duration;
    }
}
