package dev.lastref.http.early;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.RequestScanner;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The head of a plain request: a GET of a path by HTTP/1.1, with no field that would have to be read by somebody who is not here. Reused for one request after the other, by one thread.
 */
final class PlainHead {
    private static final int LONGEST = 8 * 1024;
    private static final int MOST_LINES = 64;
    private static final byte[] GET = "GET /".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTP_1_1 = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);

    private final RequestScanner scanner;
    private final byte[] bytes = new byte[LONGEST];
    /** Of each line: where its name begins and ends, where its value begins and ends. */
    private final int[] lines = new int[4 * MOST_LINES];

    private int count;
    private int targetEnd;
    private int hostFrom;
    private int hostTo;
    private int judged;
    /** Where the value of an If-None-Match is. */
    private int noneMatchFrom;

    private int noneMatchTo;
    /** Where the values of those are that come once; no end: they do not come at all. */
    private int idFrom;

    private int idTo;
    private int forFrom;
    private int forTo;
    private int protoFrom;
    private int protoTo;
    private int forwarded;
    private int credentials;
    private boolean last;

    /** @param limits of the connections that it comes by */
    PlainHead(HeadLimits limits) {
        scanner = new RequestScanner(limits);
    }

    /**
     * Reads one.
     *
     * @param buffer has it from {@code from} on, and perhaps others behind it, up to, not including, {@code to}
     * @return where it ends; {@code from} if it is not plain, not well framed, or not all there
     */
    int read(ByteBuffer buffer, int from, int to) {
        if (!begins(buffer, from, to)) {
            return from;
        }
        int end = scanner.wholeHead(buffer, from, to);
        return end > from && end - from <= LONGEST && isPlain(buffer, from, end - from) ? end : from;
    }

    /** Most of what others have to read ends here. */
    private static boolean begins(ByteBuffer buffer, int from, int to) {
        if (to - from < GET.length) {
            return false;
        }
        for (int i = 0; i < GET.length; i++) {
            if (buffer.get(from + i) != GET[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean isPlain(ByteBuffer buffer, int from, int length) {
        buffer.get(from, bytes, 0, length);
        int at = GET.length;
        while (bytes[at] != ' ') {
            at++;
        }
        targetEnd = at;
        count = 0;
        hostFrom = 0;
        hostTo = 0;
        judged = 0;
        noneMatchTo = 0;
        idTo = 0;
        forTo = 0;
        protoTo = 0;
        forwarded = 0;
        credentials = 0;
        last = false;
        return isAt(at, HTTP_1_1) && readLines(at + HTTP_1_1.length);
    }

    private boolean readLines(int from) {
        int at = from;
        while (bytes[at] != '\r') {
            int colon = at;
            while (bytes[colon] != ':') {
                colon++;
            }
            int begin = colon + 1;
            while (isBlank(bytes[begin])) {
                begin++;
            }
            int end = begin;
            while (bytes[end] != '\r') {
                end++;
            }
            if (count == MOST_LINES || !readLine(at, colon, begin, end)) {
                return false;
            }
            at = end + 2;
        }
        return hostTo > 0;
    }

    private boolean readLine(int nameFrom, int nameTo, int from, int end) {
        int to = end;
        while (to > from && isBlank(bytes[to - 1])) {
            to--;
        }
        int line = 4 * count++;
        lines[line] = nameFrom;
        lines[line + 1] = nameTo;
        lines[line + 2] = from;
        lines[line + 3] = to;
        switch (FieldMeaning.of(bytes, nameFrom, nameTo)) {
            case NONE -> {}
            case JUDGED -> judged++;
            case IF_NONE_MATCH -> {
                judged++;
                noneMatchFrom = from;
                noneMatchTo = to;
            }
            case HOST -> {
                hostFrom = from;
                hostTo = to;
            }
            case CONNECTION -> {
                boolean closes = to - from == CLOSE.length && isAtInAnyCase(from, CLOSE);
                last |= closes;
                return closes || (to - from == KEEP_ALIVE.length && isAtInAnyCase(from, KEEP_ALIVE));
            }
            case REQUEST_ID -> {
                boolean first = idTo == 0;
                idFrom = from;
                idTo = to;
                return first;
            }
            case FORWARDED_FOR -> {
                boolean first = forTo == 0;
                forFrom = from;
                forTo = to;
                return first;
            }
            case FORWARDED_PROTO -> {
                boolean first = protoTo == 0;
                protoFrom = from;
                protoTo = to;
                return first;
            }
            case FORWARDED -> forwarded++;
            case CREDENTIALS -> credentials++;
            case OTHER -> {
                return false;
            }
        }
        return true;
    }

    private boolean isAt(int at, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (bytes[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean isAtInAnyCase(int at, byte[] lower) {
        for (int i = 0; i < lower.length; i++) {
            if (FieldMeaning.lower(bytes[at + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Path and query, as sent. */
    String target() {
        return text(GET.length - 1, targetEnd);
    }

    String host() {
        return text(hostFrom, hostTo);
    }

    /** The same for hosts of the same bytes; with no secret, since not much comes of others that have the same. */
    int hostHash() {
        int hash = 0;
        for (int i = hostFrom; i < hostTo; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash ^ (hash >>> 16);
    }

    /** Whether the host is this one, byte by byte. */
    boolean hasHost(byte[] host) {
        return host.length == hostTo - hostFrom && isAt(hostFrom, host);
    }

    /**
     * Its fields.
     *
     * @param trusted whether with what it says by fields of proxies
     */
    FieldList fields(boolean trusted) {
        return fields(meaning -> switch (meaning) {
            case FORWARDED_FOR, FORWARDED_PROTO, FORWARDED, CREDENTIALS -> trusted;
            default -> true;
        });
    }

    /** Those that say which stored response may answer, or how much of it. */
    FieldList judgedFields() {
        return judged > 0 ? fields(FieldMeaning::isJudged) : FieldList.EMPTY;
    }

    /** Whether the connection is to end with its answer (RFC 9112, section 9.6). */
    boolean isLast() {
        return last;
    }

    /** X-Request-Id; null: it has none. */
    @Nullable
    String requestId() {
        return idTo == 0 ? null : text(idFrom, idTo);
    }

    /** X-Forwarded-For; null: it has none. */
    @Nullable
    String forwardedFor() {
        return forTo == 0 ? null : text(forFrom, forTo);
    }

    /** Whether X-Forwarded-Proto says https. */
    boolean isForwardedHttps() {
        return protoTo - protoFrom == HTTPS.length && isAtInAnyCase(protoFrom, HTTPS);
    }

    /** Whether it says anything that only trusted proxies may say. */
    boolean isForwarded() {
        return forTo > 0 || protoTo > 0 || forwarded > 0 || credentials > 0;
    }

    /** Whether it says who asks by a field that only trusted proxies may send. */
    boolean hasForwardedCredentials() {
        return credentials > 0;
    }

    /** What proxies say of it, besides whom it is from and by which scheme it came. */
    FieldList forwardedFields() {
        return forwarded > 0 ? fields(meaning -> meaning == FieldMeaning.FORWARDED) : FieldList.EMPTY;
    }

    /** Whether it asks for nothing but what is another representation than the one of this entity tag. */
    boolean asksOnlyForOtherThan(String entityTag) {
        if (judged != 1 || noneMatchTo - noneMatchFrom != entityTag.length()) {
            return false;
        }
        for (int i = 0; i < entityTag.length(); i++) {
            if ((bytes[noneMatchFrom + i] & 0xff) != entityTag.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The first value of a field.
     *
     * @param lower its name, in lower case
     */
    @Nullable
    String value(byte[] lower) {
        for (int line = 0; line < 4 * count; line += 4) {
            if (lines[line + 1] - lines[line] == lower.length && isAtInAnyCase(lines[line], lower)) {
                return text(lines[line + 2], lines[line + 3]);
            }
        }
        return null;
    }

    /**
     * Those of these names.
     *
     * @param names in lower case
     */
    FieldList fields(List<String> names) {
        FieldList.Builder fields = FieldList.builder();
        for (int line = 0; line < 4 * count; line += 4) {
            int from = lines[line];
            int to = lines[line + 1];
            for (int i = 0; i < names.size(); i++) {
                if (isNamed(from, to, names.get(i))) {
                    fields.add(names.get(i), text(lines[line + 2], lines[line + 3]));
                }
            }
        }
        return fields.build();
    }

    private boolean isNamed(int from, int to, String lower) {
        if (to - from != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            if (FieldMeaning.lower(bytes[from + i]) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private FieldList fields(Predicate<FieldMeaning> which) {
        FieldList.Builder fields = FieldList.builder();
        for (int line = 0; line < 4 * count; line += 4) {
            int from = lines[line];
            int to = lines[line + 1];
            if (which.test(FieldMeaning.of(bytes, from, to))) {
                fields.add(text(from, to), text(lines[line + 2], lines[line + 3]));
            }
        }
        return fields.build();
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
