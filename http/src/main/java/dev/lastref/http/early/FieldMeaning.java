package dev.lastref.http.early;

import dev.lastref.cache.semantics.Credentials;
import dev.lastref.http.log.RequestId;
import dev.lastref.http.serve.ForwardedFields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a request's field means to who answers from the store. What is not known here may mean anything, and goes the long way. */
enum FieldMeaning {
    /** Chooses nothing, unless the stored response says so in Vary. */
    NONE,
    /** Says which stored response may answer, or how much of it (RFC 9110, sections 13 and 14; RFC 9111, section 5). */
    JUDGED,
    /** Is judged, too; alone and with one entity tag it is what clients revalidate by. */
    IF_NONE_MATCH,
    HOST,
    CONNECTION,
    /** X-Request-Id, which the response repeats. */
    REQUEST_ID,
    /** X-Forwarded-For: whom the request counts for, if a trusted proxy says so. */
    FORWARDED_FOR,
    /** X-Forwarded-Proto: by which scheme the request came, if a trusted proxy says so. */
    FORWARDED_PROTO,
    /** Others by which proxies say what the request was, or whose; they count if the proxy is trusted. */
    FORWARDED,
    /** Of those the ones by which a trusted proxy says who asks, as a client does by Authorization. */
    CREDENTIALS,
    /** Not for here. */
    OTHER;

    /** Whether whoever answers from the store reads it. */
    boolean isJudged() {
        return this == JUDGED || this == IF_NONE_MATCH;
    }

    /** Fetch metadata and client hints, which browsers send by the dozen. */
    private static final String BROWSERS = "sec-";

    private static final byte[] BROWSERS_BYTES = BROWSERS.getBytes(StandardCharsets.US_ASCII);

    private static final int BUCKETS = 256;
    private static final Name[][] TABLE = table();

    /** A field's name, in lower case. */
    private static final class Name {
        final String text;
        final byte[] bytes;
        final FieldMeaning meaning;

        Name(String lower, FieldMeaning meaning) {
            this.text = lower;
            this.bytes = lower.getBytes(StandardCharsets.US_ASCII);
            this.meaning = meaning;
        }
    }

    private static Name[][] table() {
        List<List<Name>> buckets = new ArrayList<>();
        for (int i = 0; i < BUCKETS; i++) {
            buckets.add(new ArrayList<>(1));
        }
        add(
                buckets,
                NONE,
                "Accept",
                "Accept-Charset",
                "Accept-Encoding",
                "Accept-Language",
                "Cookie",
                "Device-Memory",
                "DNT",
                "Downlink",
                "ECT",
                "Origin",
                "Priority",
                "Referer",
                "RTT",
                "Save-Data",
                "Traceparent",
                "Tracestate",
                "Upgrade-Insecure-Requests",
                "User-Agent");
        // By which proxies follow a request through what it passes.
        add(
                buckets,
                NONE,
                "B3",
                "Baggage",
                "Uber-Trace-Id",
                "X-Amzn-Trace-Id",
                "X-B3-Flags",
                "X-B3-ParentSpanId",
                "X-B3-Sampled",
                "X-B3-SpanId",
                "X-B3-TraceId",
                "X-Cloud-Trace-Context",
                "X-Envoy-Attempt-Count",
                "X-Envoy-Expected-Rq-Timeout-Ms",
                "X-Envoy-Internal");
        add(buckets, REQUEST_ID, RequestId.FIELD.toString());
        for (String name : ForwardedFields.names()) {
            if (!name.equals(ForwardedFields.FORWARDED)) { // to which we may add an element of our own
                add(buckets, meaningOf(name), name);
            }
        }
        add(
                buckets,
                JUDGED,
                "Authorization",
                "Cache-Control",
                "If-Match",
                "If-Modified-Since",
                "If-Range",
                "If-Unmodified-Since",
                "Pragma",
                "Range");
        add(buckets, IF_NONE_MATCH, "If-None-Match");
        add(buckets, HOST, "Host");
        add(buckets, CONNECTION, "Connection");
        return buckets.stream().map(bucket -> bucket.toArray(Name[]::new)).toArray(Name[][]::new);
    }

    private static FieldMeaning meaningOf(String forwarded) {
        return switch (forwarded) {
            case ForwardedFields.FOR -> FORWARDED_FOR;
            case ForwardedFields.PROTO -> FORWARDED_PROTO;
            default -> Credentials.isOne(forwarded) ? CREDENTIALS : FORWARDED;
        };
    }

    private static void add(List<List<Name>> buckets, FieldMeaning meaning, String... names) {
        for (String name : names) {
            String lower = name.toLowerCase(Locale.ROOT);
            int last = lower.length() - 1;
            buckets.get(bucket(lower.length(), lower.charAt(0), lower.charAt(last)))
                    .add(new Name(lower, meaning));
        }
    }

    private static int bucket(int length, int first, int last) {
        return (length * 31 + first * 7 + last) & (BUCKETS - 1);
    }

    /** Of the name that is in {@code bytes}, not empty, in whatever case. */
    static FieldMeaning of(byte[] bytes, int from, int to) {
        int length = to - from;
        for (Name name : TABLE[bucket(length, lower(bytes[from]), lower(bytes[to - 1]))]) {
            if (name.bytes.length == length && startsWith(bytes, from, name.bytes)) {
                return name.meaning;
            }
        }
        return length > BROWSERS_BYTES.length && startsWith(bytes, from, BROWSERS_BYTES) ? NONE : OTHER;
    }

    /**
     * Whether the origin gets a field as the client sent it, if this is known of it here.
     *
     * @param lower its name, in lower case, not empty
     */
    static boolean isSentOn(String lower) {
        int last = lower.length() - 1;
        for (Name name : TABLE[bucket(lower.length(), lower.charAt(0), lower.charAt(last))]) {
            if (name.text.equals(lower)) {
                return name.meaning == NONE || name.meaning.isJudged();
            }
        }
        return lower.startsWith(BROWSERS);
    }

    private static boolean startsWith(byte[] bytes, int from, byte[] lower) {
        for (int i = 0; i < lower.length; i++) {
            if (lower(bytes[from + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
    }
}
