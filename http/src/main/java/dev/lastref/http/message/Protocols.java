package dev.lastref.http.message;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The protocols in a field {@code Upgrade} (RFC 9110, section 7.8): {@code name} or {@code name/version}, in the sender's order of preference. */
public final class Protocols {
    /** They carry requests which would pass by the cache and all that is checked here. */
    private static final List<String> HTTP_ITSELF = List.of("h2", "h3", "http", "tls");

    private Protocols() {}

    /**
     * Those that may be passed on: that are protocols by the grammar, and not HTTP itself. Each once, as it was written first.
     *
     * @param lines of the field
     */
    public static List<String> passable(List<String> lines) {
        List<String> found = new ArrayList<>(2);
        members(lines).filter(Protocols::isPassable).forEach(protocol -> {
            if (!contains(found, protocol)) {
                found.add(protocol);
            }
        });
        return found;
    }

    /** All that a list has, in order. */
    public static Stream<String> members(List<String> lines) {
        return lines.stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(member -> !member.isEmpty());
    }

    /** Whether it is in the list, in whatever case. */
    public static boolean contains(List<String> protocols, String protocol) {
        return protocols.stream().anyMatch(protocol::equalsIgnoreCase);
    }

    private static boolean isPassable(String protocol) {
        int slash = protocol.indexOf('/');
        boolean right = slash < 0
                ? isToken(protocol)
                : isToken(protocol.substring(0, slash)) && isToken(protocol.substring(slash + 1));
        String lower = protocol.toLowerCase(Locale.ROOT);
        return right && HTTP_ITSELF.stream().noneMatch(lower::startsWith);
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && Octets.isToken((byte) c));
    }
}
