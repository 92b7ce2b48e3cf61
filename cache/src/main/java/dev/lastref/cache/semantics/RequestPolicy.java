package dev.lastref.cache.semantics;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the cache may do with a request, and which stored responses its client accepts (RFC 9111, sections 4 and 5.2.1).
 *
 * <p>This is the request's side alone. Whether a stored response may be reused is the response's side too: {@link
 * Freshness}, {@link CacheControl#allowsAuthorized()} if {@link #hasAuthorization()}, and must-revalidate before a stale
 * one is sent on the word of {@link #accepts}.
 *
 * <p>Immutable. Times are seconds.
 */
public final class RequestPolicy {
    /** What to do with the request. */
    public enum Action {
        /** A stored response may answer; otherwise the origin does, and its response may be stored. */
        LOOKUP,
        /** The client wants an answer from the origin (no-cache, max-age=0); it may be stored for others. */
        REFRESH,
        /** The client wants nothing kept (no-store): the origin answers, the store is neither read nor written. */
        NO_STORE,
        /** Not for a cache: other methods, requests with content. */
        PASS,
        /** A stored response answers, or 504 (Gateway Timeout) does; the origin is not asked (section 5.2.1.7). */
        ONLY_IF_CACHED
    }

    /** Safe by RFC 9110, section 9.2.1. A method that is not known here may be unsafe, and invalidates. */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private static final String[] CONDITIONS = {
        "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"
    };

    private final Action action;
    private final CacheControl directives;
    private final boolean usesStore;
    private final boolean invalidating;
    private final boolean authorization;
    private final boolean conditional;
    private final boolean conditionForOrigin;
    private final @Nullable ByteRanges ranges;

    private RequestPolicy(String method, FieldList request) {
        directives = CacheControl.ofRequest(request);
        action = action(method, request, directives);
        boolean mayRead = action == Action.LOOKUP || action == Action.ONLY_IF_CACHED;
        usesStore = mayRead && !directives.noCache() && !hasContent(request);
        invalidating = !SAFE.contains(method);
        authorization = request.contains("Authorization");
        conditional = isConditional(request);
        conditionForOrigin = conditional && Preconditions.hasConditionForOrigin(request);
        ranges = method.equals("GET") ? ByteRanges.of(request) : null;
    }

    public static RequestPolicy of(String method, FieldList request) {
        return new RequestPolicy(method, request);
    }

    private static Action action(String method, FieldList request, CacheControl directives) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Action.PASS;
        }
        // Before anything that would ask the origin, because the client asked not to.
        if (directives.onlyIfCached()) {
            return Action.ONLY_IF_CACHED;
        }
        if (hasContent(request)) {
            return Action.PASS;
        }
        if (directives.noStore()) {
            return Action.NO_STORE;
        }
        boolean refresh = directives.noCache()
                || directives.maxAge() == 0
                || directives.maxAge() == DeltaSeconds.INVALID
                || directives.minFresh() == DeltaSeconds.INVALID;
        return refresh ? Action.REFRESH : Action.LOOKUP;
    }

    /** Content in a GET means nothing to a cache but may to the origin; a length that is not zero throughout counts. */
    static boolean hasContent(FieldList request) {
        if (request.contains("Transfer-Encoding")) {
            return true;
        }
        for (String length : Members.of(request, "Content-Length")) {
            if (DeltaSeconds.parse(length) != 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isConditional(FieldList request) {
        for (String name : CONDITIONS) {
            if (request.contains(name)) {
                return true;
            }
        }
        return false;
    }

    public Action action() {
        return action;
    }

    /** Max-age, min-fresh, max-stale and the rest, as sent. */
    public CacheControl directives() {
        return directives;
    }

    /** Whether a response that is no error makes the stored ones of this URI invalid (section 4.4). */
    public boolean invalidates() {
        return invalidating;
    }

    /** Only a response that {@linkplain CacheControl#allowsAuthorized() allows it} may answer or be stored then. */
    public boolean hasAuthorization() {
        return authorization;
    }

    /** Whether the request has a condition that only the origin may judge. */
    public boolean hasConditionForOrigin() {
        return conditionForOrigin;
    }

    /** Whether the origin may answer 304 or 412, which are no representation, unless the conditions are taken out. */
    public boolean isConditional() {
        return conditional;
    }

    /** The ranges of bytes that a GET asks for; null if none, or if they are ignored (RFC 9110, section 14.2). */
    public @Nullable ByteRanges ranges() {
        return ranges;
    }

    /** Whether a part of the representation will do, and not all from its first byte on. */
    public boolean asksForPart() {
        return ranges != null && !ranges.isEverything();
    }

    /**
     * Whether the client accepts a stored response of that current age and freshness lifetime, both in seconds. Never
     * for REFRESH, NO_STORE and PASS. A stale response is accepted only within max-stale, and max-age holds for it too.
     */
    public boolean accepts(long ageSeconds, long freshnessLifetimeSeconds) {
        if (!usesStore) {
            return false;
        }
        long maxAge = directives.maxAge();
        if (maxAge == DeltaSeconds.INVALID || (maxAge >= 0 && ageSeconds > maxAge)) {
            return false;
        }
        // Neither is negative, so the difference cannot overflow.
        long remaining = Math.max(0, freshnessLifetimeSeconds) - Math.max(0, ageSeconds);
        long minFresh = directives.minFresh();
        if (minFresh == DeltaSeconds.INVALID || (minFresh >= 0 && remaining < minFresh)) {
            return false;
        }
        return remaining > 0 || (directives.maxStale() >= 0 && -remaining <= directives.maxStale());
    }
}
