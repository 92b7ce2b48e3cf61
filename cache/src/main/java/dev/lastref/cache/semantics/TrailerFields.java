package dev.lastref.cache.semantics;

import java.util.Set;

/**
 * Which trailer fields of a response go on to clients (RFC 9110, section 6.5.1). What is about framing, routing, authentication, caching,
 * or how content is to be read is for the head alone: in a trailer section it is too late for whoever obeys it, and who merges it into
 * the head would be told by it what others before him were not. So are the fields that end here, and those that we add ourselves.
 */
public final class TrailerFields {
    private static final int MOST_BYTES = 8 * 1024;
    private static final int MOST_LINES = 64;

    /** Meant for every recipient like those of {@link HopByHop#PROTECTED}, and not named there since they are no such danger. */
    private static final Set<String> OF_HEADS = Set.of(
            "cache-group-invalidation",
            "cache-groups",
            "content-security-policy-report-only",
            "link",
            "refresh",
            "server",
            "set-cookie2",
            "warning",
            "xkey",
            "x-request-id");

    private TrailerFields() {}

    /**
     * The lines that go on. None if they are many: a part of them might say something else than all.
     *
     * @param ends what the head says ends here
     */
    public static FieldList passed(FieldList trailers, HopByHop ends) {
        FieldList.Builder passed = FieldList.builder();
        trailers.forEach((name, value) -> {
            if (!ends.drops(name) && !isOfHeads(Ascii.lower(name)) && isPlain(value)) {
                passed.add(name, value);
            }
        });
        FieldList lines = passed.build();
        return lines.size() > MOST_LINES || bytes(lines) > MOST_BYTES ? FieldList.EMPTY : lines;
    }

    private static boolean isOfHeads(String name) {
        if (name.equals("etag")) { // whose definition allows it in a trailer section: RFC 9110, section 8.8.3
            return false;
        }
        return HopByHop.PROTECTED.contains(name)
                || OF_HEADS.contains(name)
                || name.endsWith("-cache-control") // RFC 9213, whichever are heeded
                || name.startsWith("access-control-")
                || name.startsWith("proxy-")
                || name.startsWith("x-forwarded-");
    }

    /** Visible ASCII, blanks and tabs: other bytes would not survive on their way to every client. */
    private static boolean isPlain(String value) {
        return value.chars().allMatch(c -> (c >= ' ' && c < 0x7f) || c == '\t');
    }

    private static int bytes(FieldList lines) {
        int bytes = 0;
        for (int i = 0; i < lines.size(); i++) {
            bytes += lines.name(i).length() + lines.value(i).length() + 4;
        }
        return bytes;
    }
}
