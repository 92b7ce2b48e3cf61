package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a response to an unsafe request makes invalid (RFC 9111, section 4.4; RFC 9875, section 3). */
public final class Invalidation {
    private static final String CONTENT_LOCATION = "Content-Location";

    private Invalidation() {}

    /**
     * Whether the answer to an unsafe request says that something may have changed: it is no error (2xx and 3xx).
     */
    public static boolean isCausedBy(int status) {
        return status >= 200 && status < 400;
    }

    /**
     * The keys that become invalid: the target, and what Location and Content-Location name of the same origin. Of another origin
     * nobody but itself may say so.
     *
     * @param target of the unsafe request, as the key of a GET
     */
    public static List<CacheKey> keys(CacheKey target, FieldList response) {
        List<CacheKey> keys = new ArrayList<>(3);
        keys.add(target);
        for (String name : List.of("Location", CONTENT_LOCATION)) {
            for (String reference : response.all(name)) {
                CacheKey key = named(target, reference);
                if (key != null && isSameOrigin(key, target) && !keys.contains(key)) {
                    keys.add(key);
                }
            }
        }
        return keys;
    }

    /** Whether a response says that its content is the representation of the target itself (RFC 9110, section 8.7). */
    static boolean isAboutTarget(CacheKey target, FieldList response) {
        List<String> locations = response.all(CONTENT_LOCATION);
        CacheKey named = locations.size() == 1 ? named(target, locations.get(0)) : null;
        return named != null && named.equals(target);
    }

    private static @Nullable CacheKey named(CacheKey target, String reference) {
        // Behind a blank, which no target has, the key may say more of the request.
        int blank = target.target().indexOf(' ');
        String more = blank < 0 ? "" : target.target().substring(blank);
        CacheKey base = blank < 0 ? target : withTarget(target, target.target().substring(0, blank));
        CacheKey named = UriReference.resolve(base, reference);
        return named == null ? null : withTarget(named, named.target() + more);
    }

    private static CacheKey withTarget(CacheKey origin, String target) {
        return CacheKey.of("GET", origin.scheme(), origin.authority(), target);
    }

    /** The groups of the target's origin that become invalid. */
    public static List<String> groups(FieldList response) {
        return SfStrings.of(response, "Cache-Group-Invalidation");
    }

    /** RFC 9110, section 4.3.1. */
    public static boolean isSameOrigin(CacheKey one, CacheKey other) {
        return one.scheme().equals(other.scheme()) && one.authority().equals(other.authority());
    }
}
