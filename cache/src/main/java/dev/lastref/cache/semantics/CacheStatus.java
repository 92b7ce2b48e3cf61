package dev.lastref.cache.semantics;

import java.util.HexFormat;
import java.util.Locale;

/**
 * Writes this cache's member of the Cache-Status field, like {@code lastref; hit; ttl=30} (RFC 9211). The caller appends
 * it as a further line after those that the origin's side sent.
 *
 * <p>A builder, for one thread. Parameters come out in the order of the calls; each is to be given once.
 */
public final class CacheStatus {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** Why the request went on to the origin (section 2.2). */
    public enum Forward {
        /** The cache was configured not to handle the request. */
        BYPASS,
        /** The method has to go on. */
        METHOD,
        /** Nothing is stored for the URI. */
        URI_MISS,
        /** Something is stored for the URI, but for other values of the fields in Vary. */
        VARY_MISS,
        /** Nothing that could be used is stored, and why is not told apart. */
        MISS,
        /** What is stored is a part, and less than was asked for. */
        PARTIAL,
        /** The directives of the request ask for it. */
        REQUEST,
        /** What is stored is stale. */
        STALE;

        private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

        public String token() {
            return token;
        }
    }

    private static final String NAME = "lastref";

    /** All that a {@linkplain #hit hit} says which tells nothing but its {@link #ttl}, up to the seconds. */
    public static final String HIT_TTL = NAME + "; hit; ttl=";

    /** The largest integer of structured fields (RFC 8941, section 3.3.1). */
    private static final long MAX_INTEGER = 999_999_999_999_999L;

    private final StringBuilder text = new StringBuilder(48).append(NAME);
    private final boolean forwarded;

    private CacheStatus(boolean forwarded) {
        this.forwarded = forwarded;
    }

    /** Answered from the store, the origin was not asked. */
    public static CacheStatus hit() {
        CacheStatus status = new CacheStatus(false);
        status.text.append("; hit");
        return status;
    }

    public static CacheStatus forward(Forward why) {
        CacheStatus status = new CacheStatus(true);
        status.text.append("; fwd=").append(why.token());
        return status;
    }

    /** Neither answered from the store nor forwarded, like the 504 for only-if-cached. */
    public static CacheStatus none() {
        return new CacheStatus(false);
    }

    /** Remaining freshness in seconds; negative if stale. */
    public CacheStatus ttl(long seconds) {
        return append("ttl=" + Math.max(-MAX_INTEGER, Math.min(MAX_INTEGER, seconds)));
    }

    /** The status that the origin answered with. */
    public CacheStatus forwardStatus(int status) {
        return appendIfForwarded("fwd-status=" + status);
    }

    /** The response to the forwarded request was stored. */
    public CacheStatus stored() {
        return appendIfForwarded("stored");
    }

    /** The request shared one that was already on its way to the origin. */
    public CacheStatus collapsed() {
        return appendIfForwarded("collapsed");
    }

    /**
     * The key of the stored response (section 2.7). A byte that an sf-string cannot have stands as {@code %xC3}: as {@code %C3} it would
     * be another key, that of a target which says so; and what is no percent-encoding (RFC 3986, section 2.1) no target has.
     */
    public CacheStatus key(String key) {
        StringBuilder quoted = new StringBuilder(key.length() + 2).append('"');
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            if (c >= ' ' && c < 0x7f) {
                quoted.append(c);
            } else {
                quoted.append("%x").append(HEX.toHexDigits((byte) c));
            }
        }
        return append("key=" + quoted.append('"'));
    }

    /** A word of our own, like {@link StoragePolicy.Refusal#token()}; what is no sf-token throws. */
    public CacheStatus detail(String token) {
        if (!isToken(token)) {
            throw new IllegalArgumentException("detail of Cache-Status must be a token (RFC 8941, section 3.3.4): "
                    + "a letter or *, then letters, digits and the like, but it is \"" + token + "\"");
        }
        return append("detail=" + token);
    }

    private static boolean isToken(String s) {
        if (s.isEmpty() || !(Ascii.isAlpha(s.charAt(0)) || s.charAt(0) == '*')) {
            return false;
        }
        for (int i = 1; i < s.length(); i++) {
            char c = s.charAt(i);
            if (!Ascii.isTokenChar(c) && c != ':' && c != '/') {
                return false;
            }
        }
        return true;
    }

    private CacheStatus appendIfForwarded(String parameter) {
        if (!forwarded) {
            throw new IllegalStateException(
                    parameter + " belongs to a forwarded request (RFC 9211, section 2), but this is: " + text);
        }
        return append(parameter);
    }

    private CacheStatus append(String parameter) {
        text.append("; ").append(parameter);
        return this;
    }

    /** The sf-item. */
    @Override
    public String toString() {
        return text.toString();
    }
}
