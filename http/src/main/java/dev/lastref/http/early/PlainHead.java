package dev.lastref.http.early;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.HeadLines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The head of a plain request: a GET of a path by HTTP/1.1, with no field that would have to be read by somebody who is not here. Reused for one request after the other, by one thread.
 */
final class PlainHead {
    private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https".getBytes(StandardCharsets.US_ASCII);
    /** In Via: how often it is there counts. */
    private static final byte[] US = "lastref".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] KEEP_ALIVE = "keep-alive".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);

    private final HeadLines lines;
    private final byte[] bytes;
    private final KnownHosts hosts = new KnownHosts();

    private KnownHosts.@Nullable Host host;
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
        lines = new HeadLines(limits);
        bytes = lines.bytes();
    }

    /**
     * Reads one.
     *
     * @param buffer has it from {@code from} on, and perhaps others behind it, up to, not including, {@code to}
     * @return where it ends; {@code from} if it is not plain, not well framed, or not all there
     */
    int read(ByteBuffer buffer, int from, int to) {
        int end = lines.read(buffer, from, to);
        return end > from && isPlain() ? end : from;
    }

    private boolean isPlain() {
        host = null;
        judged = 0;
        noneMatchTo = 0;
        idTo = 0;
        forTo = 0;
        protoTo = 0;
        forwarded = 0;
        credentials = 0;
        last = false;
        for (int line = 0; line < lines.count(); line++) {
            if (!isPlain(line)) {
                return false;
            }
        }
        return host != null;
    }

    private boolean isPlain(int line) {
        int from = lines.valueFrom(line);
        int to = lines.valueTo(line);
        switch (FieldMeaning.of(bytes, lines.nameFrom(line), lines.nameTo(line))) {
            case NONE -> {}
            case JUDGED -> judged++;
            case IF_NONE_MATCH -> {
                judged++;
                noneMatchFrom = from;
                noneMatchTo = to;
            }
            case HOST -> {
                boolean first = host == null;
                host = hosts.of(bytes, from, to);
                return first && host != null;
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
            case VIA -> {
                return !contains(from, to, US);
            }
            case FORWARDED -> forwarded++;
            case CREDENTIALS -> credentials++;
            case OTHER -> {
                return false;
            }
        }
        return true;
    }

    private boolean contains(int from, int to, byte[] sought) {
        for (int at = from; at <= to - sought.length; at++) {
            if (Arrays.equals(bytes, at, at + sought.length, sought, 0, sought.length)) {
                return true;
            }
        }
        return false;
    }

    private boolean isAtInAnyCase(int at, byte[] lower) {
        for (int i = 0; i < lower.length; i++) {
            if (FieldMeaning.lower(bytes[at + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    /** Path and query, as sent. */
    String target() {
        return text(lines.targetFrom(), lines.targetTo());
    }

    /** Whom it is for. Of a head that was read. */
    KnownHosts.Host host() {
        return Objects.requireNonNull(host);
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
        return isForwarded(HTTPS);
    }

    /** Whether it says http. */
    boolean isForwardedHttp() {
        return isForwarded(HTTP);
    }

    private boolean isForwarded(byte[] scheme) {
        return protoTo - protoFrom == scheme.length && isAtInAnyCase(protoFrom, scheme);
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
        for (int line = 0; line < lines.count(); line++) {
            int from = lines.nameFrom(line);
            if (lines.nameTo(line) - from == lower.length && isAtInAnyCase(from, lower)) {
                return value(line);
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
        for (int line = 0; line < lines.count(); line++) {
            int from = lines.nameFrom(line);
            int to = lines.nameTo(line);
            for (int i = 0; i < names.size(); i++) {
                if (isNamed(from, to, names.get(i))) {
                    fields.add(names.get(i), value(line));
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
        for (int line = 0; line < lines.count(); line++) {
            int from = lines.nameFrom(line);
            int to = lines.nameTo(line);
            if (which.test(FieldMeaning.of(bytes, from, to))) {
                fields.add(text(from, to), value(line));
            }
        }
        return fields.build();
    }

    private String value(int line) {
        return text(lines.valueFrom(line), lines.valueTo(line));
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
