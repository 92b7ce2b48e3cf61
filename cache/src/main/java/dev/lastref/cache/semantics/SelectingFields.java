package dev.lastref.cache.semantics;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Values of request fields that Vary names, in the form in which they are compared (RFC 9111, section 4.1).
 *
 * <p>Of every field the lines are combined. Where its syntax is known to be a list, white space around commas that are not quoted is
 * left out; elsewhere a comma is a character like others, as in Cookie and User-Agent, and white space counts. The Accept fields, whose
 * meaning is known, are read: case does not count, and members are put into the order of their weights, then of their names, since RFC
 * 9110, section 12.4.2, has weights alone say what is preferred. What cannot be read as such is compared as it is.
 */
final class SelectingFields {
    private static final Set<String> WEIGHTED =
            Set.of("accept", "accept-charset", "accept-encoding", "accept-language");

    /** Lists by their definition (RFC 9110, section 5.6.1, or RFC 9651, section 3.1) that requests carry, beside the weighted ones. */
    private static final Set<String> LISTS = Set.of(
            "a-im",
            "access-control-request-headers",
            "cache-control",
            "connection",
            "content-encoding",
            "content-language",
            "expect",
            "forwarded",
            "if-match",
            "if-none-match",
            "pragma",
            "prefer",
            "sec-ch-ua",
            "sec-ch-ua-form-factors",
            "sec-ch-ua-full-version-list",
            "sec-websocket-extensions",
            "sec-websocket-protocol",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via",
            "want-content-digest",
            "want-repr-digest",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto");

    private static final Pattern WEIGHT = Pattern.compile("q=[01](?:\\.\\d{0,3})?");

    private static final Comparator<Member> ORDER =
            Comparator.comparing(Member::weight).reversed().thenComparing(Member::name);

    /** A member of a weighted list. */
    private record Member(String name, BigDecimal weight) {
        @Override
        public String toString() {
            return weight.compareTo(BigDecimal.ONE) == 0
                    ? name
                    : name + ";q=" + weight.stripTrailingZeros().toPlainString();
        }
    }

    /** Clients say the same again and again, and to read it takes longer than all else that a lookup does. By a hash of what was said. */
    private static final Normalised[] RECENT = new Normalised[256];

    private static final int LONGEST_REMEMBERED = 256;

    /** What a line was, of which field, and how it is compared. Immutable: any thread may see it as soon as it is in the array. */
    private record Normalised(String name, String line, String value) {
        boolean is(String otherName, String otherLine) {
            return line.equals(otherLine) && name.equals(otherName);
        }
    }

    private SelectingFields() {}

    /**
     * @param name in lower case
     * @param lines of the field, at least one
     */
    static String normalised(String name, List<String> lines) {
        boolean weights = WEIGHTED.contains(name);
        if (!weights && !LISTS.contains(name)) {
            return Ascii.trim(lines.stream().map(Ascii::trim).collect(Collectors.joining(", ")));
        }
        if (lines.size() > 1 || lines.get(0).length() > LONGEST_REMEMBERED) {
            return normalised(weights, lines);
        }
        String line = lines.get(0);
        int place = (name.hashCode() * 31 + line.hashCode()) & (RECENT.length - 1);
        Normalised known = RECENT[place];
        if (known == null || !known.is(name, line)) {
            known = new Normalised(name, line, normalised(weights, lines));
            RECENT[place] = known;
        }
        return known.value;
    }

    private static String normalised(boolean weights, List<String> lines) {
        List<String> members = new ArrayList<>();
        for (String line : lines) {
            split(line, members);
        }
        return weights ? weighted(members) : String.join(",", members);
    }

    /** At commas that are not quoted; an unclosed quote reaches to the end of its line. */
    private static void split(String line, List<String> members) {
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                members.add(Ascii.trim(line, start, i));
                start = i + 1;
            }
        }
        members.add(Ascii.trim(line, start, line.length()));
    }

    private static String weighted(List<String> members) {
        List<Member> read = new ArrayList<>(members.size());
        for (String member : members) {
            if (member.isEmpty()) {
                continue;
            }
            Member one = read(Ascii.lower(member));
            if (one == null) {
                return String.join(",", members);
            }
            read.add(one);
        }
        return read.stream().sorted(ORDER).map(Member::toString).collect(Collectors.joining(","));
    }

    /** Null if it has parameters that are no weight, or is quoted: media types may, and case counts in there. */
    private static @Nullable Member read(String member) {
        if (member.indexOf('"') >= 0) {
            return null;
        }
        int semicolon = member.indexOf(';');
        if (semicolon < 0) {
            return new Member(member, BigDecimal.ONE);
        }
        String parameter = Ascii.trim(member, semicolon + 1, member.length());
        String name = Ascii.trim(member, 0, semicolon);
        return WEIGHT.matcher(parameter).matches() ? new Member(name, new BigDecimal(parameter.substring(2))) : null;
    }
}
