package dev.lastref.http.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The syntax of values: sizes, durations, addresses. A value that does not follow it throws IllegalArgumentException. */
public final class Units {
    static final String SIZE_EXPECTED = "a size in bytes, or with KiB, MiB or GiB, such as 256MiB";
    static final String DURATION_EXPECTED = "a duration with ms, s, m, h or d, such as 60s";
    static final String ADDRESS_EXPECTED =
            "HOST:PORT, such as 127.0.0.1:8080, 0.0.0.0:8080 for every address of IPv4, or :8080, as [::]:8080, for those of IPv6 too";

    private static final int LAST_PORT = 65_535;

    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})\\s*(|b|k|kb|kib|m|mb|mib|g|gb|gib)");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

    private Units() {}

    /** Bytes. K, M and G mean 1024, 1024² and 1024³ in each spelling, as they do to nginx and Varnish. */
    static long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        int shift = switch (matcher.group(2)) {
            case "", "b" -> 0;
            case "k", "kb", "kib" -> 10;
            case "m", "mb", "mib" -> 20;
            default -> 30;
        };
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException(text);
        }
        return number << shift;
    }

    /**
     * At most what nanoseconds in a long can count, 292 years: durations are added to such clocks.
     *
     * @param text such as {@code 60s}
     * @throws IllegalArgumentException if it is none
     */
    public static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (text.strip().equals("0")) {
            return Duration.ZERO;
        }
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        long number = Long.parseLong(matcher.group(1));
        try {
            Duration duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
            return Duration.ofNanos(duration.toNanos());
        } catch (ArithmeticException overflow) {
            throw new IllegalArgumentException(text, overflow);
        }
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).strip();
        if (colon < 0 || (host.contains(":") && !host.startsWith("["))) {
            throw new IllegalArgumentException(text);
        }
        InetSocketAddress address = new InetSocketAddress(
                host.isEmpty() ? "::" : host, port(text.substring(colon + 1).strip()));
        if (address.isUnresolved()) {
            throw new Unfit(
                    "a host that has an address: the name " + host + " does not resolve here; " + ADDRESS_EXPECTED);
        }
        return address;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= LAST_PORT) {
                return port;
            }
        } catch (NumberFormatException none) {
            // as one that is too large
        }
        throw new Unfit(
                "a port from 0 to " + LAST_PORT + " behind the last colon, not \"" + text + "\"; " + ADDRESS_EXPECTED);
    }
}
