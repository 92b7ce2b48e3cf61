package dev.lastref.http.early;

import dev.lastref.cache.semantics.Credentials;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.log.RequestId;
import dev.lastref.http.serve.ForwardedFields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a request's field means to who answers from the store. Whatever the long way looks at is known here, and goes that way if there is more
 * to it than can be done here; most of what applications and proxies make up means nothing to a cache, unless a stored response names it in Vary.
 */
enum FieldMeaning {
    /** Chooses nothing, unless the stored response says so in Vary. Not among the known. */
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
    /** Via, by which a request is seen to go round in circles. */
    VIA,
    /** Not for here. */
    OTHER;

    /** Whether whoever answers from the store reads it. */
    boolean isJudged() {
        return this == JUDGED || this == IF_NONE_MATCH;
    }

    private static final int BUCKETS = 256;
    private static final Name[][] TABLE = table();
    /** What begins so is not for here, unless it is known. */
    private static final List<Name> PREFIXES = ForwardedFields.prefixes().stream()
            .map(prefix -> new Name(prefix, OTHER))
            .toList();

    /** A field's name, in lower case. */
    private static final class Name {
        final String text;
        final byte[] bytes;
        final FieldMeaning meaning;

        Name(String name, FieldMeaning meaning) {
            this.text = name.toLowerCase(Locale.ROOT);
            this.bytes = text.getBytes(StandardCharsets.US_ASCII);
            this.meaning = meaning;
        }
    }

    private static Name[][] table() {
        Map<String, FieldMeaning> known = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        known.put("Host", HOST);
        known.put("Connection", CONNECTION);
        known.put("Via", VIA);
        known.put(RequestId.FIELD.toString(), REQUEST_ID);
        known.put("If-None-Match", IF_NONE_MATCH);
        List.of("Content-Length", "Expect", "Max-Forwards").forEach(name -> known.put(name, OTHER));
        ForwardedFields.nobodys().forEach(name -> known.put(name, OTHER));
        // Of those that stand in several of these lists the first says what they are.
        HopByHop.always().forEach(name -> known.putIfAbsent(name, OTHER));
        ForwardedFields.names().forEach(name -> known.putIfAbsent(name, meaningOf(name)));
        RequestPolicy.fieldsRead().forEach(name -> known.putIfAbsent(name, JUDGED));

        List<List<Name>> buckets = new ArrayList<>();
        for (int i = 0; i < BUCKETS; i++) {
            buckets.add(new ArrayList<>(1));
        }
        known.forEach((text, meaning) -> {
            Name name = new Name(text, meaning);
            int last = name.bytes.length - 1;
            buckets.get(bucket(name.bytes.length, name.bytes[0], name.bytes[last]))
                    .add(name);
        });
        return buckets.stream().map(bucket -> bucket.toArray(Name[]::new)).toArray(Name[][]::new);
    }

    private static FieldMeaning meaningOf(String forwarded) {
        return switch (forwarded) {
            case ForwardedFields.FOR -> FORWARDED_FOR;
            case ForwardedFields.PROTO -> FORWARDED_PROTO;
            case ForwardedFields.FORWARDED -> OTHER; // to which we may add an element of our own
            default -> Credentials.isOne(forwarded) ? CREDENTIALS : FORWARDED;
        };
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
        for (int i = from; i < to; i++) {
            if (bytes[i] == '_') { // to some origins the same as a dash
                return OTHER;
            }
        }
        for (int i = 0; i < PREFIXES.size(); i++) {
            byte[] prefix = PREFIXES.get(i).bytes;
            if (length >= prefix.length && startsWith(bytes, from, prefix)) {
                return OTHER;
            }
        }
        return NONE;
    }

    /**
     * Whether the origin gets a field as the client sent it.
     *
     * @param lower its name, in lower case, not empty
     */
    static boolean isSentOn(String lower) {
        int last = lower.length() - 1;
        for (Name name : TABLE[bucket(lower.length(), lower.charAt(0), lower.charAt(last))]) {
            if (name.text.equals(lower)) {
                return name.meaning.isJudged();
            }
        }
        for (int i = 0; i < PREFIXES.size(); i++) {
            if (lower.startsWith(PREFIXES.get(i).text)) {
                return false;
            }
        }
        return lower.indexOf('_') < 0;
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
