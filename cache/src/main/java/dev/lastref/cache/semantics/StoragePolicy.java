package dev.lastref.cache.semantics;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a shared cache may store a response, and for how long it will be fresh (RFC 9111, sections 3 and 4.2.1).
 *
 * <p>A safe subset: what may be stored only to be validated is not stored, a qualified no-cache or private counts as an
 * unqualified one, and Set-Cookie always refuses. Of the statuses, the final ones in {@link #UNDERSTOOD} are stored, no
 * 206 and no 5xx but 501.
 *
 * <p>Immutable. Whether a response that may be stored is still fresh when it arrives is told by {@link Freshness}, which
 * knows its age.
 */
public final class StoragePolicy {
    /** Why a response is not stored. */
    public enum Refusal {
        /** The request that the origin answered was not a GET; a HEAD has no content to store. */
        METHOD,
        /** The request had content, which the key does not tell apart. */
        REQUEST_CONTENT,
        /** The request said no-store. */
        REQUEST_NO_STORE,
        /** 206, a part of a representation. */
        PARTIAL,
        /** A status that is not final, is an error of the moment, or is not known here. */
        STATUS,
        /** The response said no-store. */
        NO_STORE,
        /** The response said private, qualified or not. */
        PRIVATE,
        /** The response may not be reused without validation. */
        NO_CACHE,
        /** The request had Authorization and the response does not allow sharing it. */
        AUTHORIZATION,
        /** The response sets a cookie, which is meant for one client. */
        SET_COOKIE,
        /** The response varies by more than fields of the request. */
        VARY_ANY,
        /** The response names a lifetime, and it is zero, over or unreadable. */
        EXPIRED,
        /** The response names no lifetime and none is configured for its status. */
        NO_LIFETIME;

        private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** For the detail of a {@link CacheStatus}: the name in lower case, with dashes. */
        public String token() {
            return token;
        }
    }

    /**
     * The answer: a refusal, or a freshness lifetime in nanoseconds, above zero and at most 2^31 seconds.
     *
     * @param refusal null if the response may be stored
     * @param lifetimeNanos zero if it may not
     * @param explicit whether the response named the lifetime, not the configuration
     */
    public record Decision(@Nullable Refusal refusal, long lifetimeNanos, boolean explicit) {
        private static Decision refuse(Refusal refusal) {
            return new Decision(refusal, 0, false);
        }

        public boolean isStorable() {
            return refusal == null;
        }
    }

    /** The statuses whose requirements this cache conforms to, which must-understand asks (section 5.2.2.3). */
    static final Set<Integer> UNDERSTOOD =
            Set.of(200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501);

    private static final Set<Integer> DEFAULT_TTL = Set.of(200, 203, 204, 300, 301, 308);
    private static final Set<Integer> NEGATIVE_TTL = Set.of(404, 405, 410, 414, 501);

    private final long defaultTtlNanos;
    private final long negativeTtlNanos;

    /**
     * @param defaultTtl lifetime of a successful response that names none; zero: not stored
     * @param negativeTtl lifetime of an answer that there is no such thing, if it names none; zero: not stored
     */
    public StoragePolicy(Duration defaultTtl, Duration negativeTtl) {
        this.defaultTtlNanos = nanos("lastref.cache.default-ttl", defaultTtl);
        this.negativeTtlNanos = nanos("lastref.cache.negative-ttl", negativeTtl);
    }

    private static long nanos(String key, Duration ttl) {
        if (ttl.isNegative()) {
            throw new IllegalArgumentException(key + " is " + ttl + ", and a lifetime cannot be negative");
        }
        return ttl.toSeconds() >= DeltaSeconds.MAX ? Freshness.nanos(DeltaSeconds.MAX) : ttl.toNanos();
    }

    /**
     * Decides on one response.
     *
     * @param method of the request as the origin saw it: HEAD if the client's HEAD was not turned into a GET
     * @param request its fields, as the client sent them
     * @param responseEpochMillis when the response arrived, for an Expires without a Date beside it
     */
    public Decision decide(String method, FieldList request, int status, FieldList response, long responseEpochMillis) {
        CacheControl directives = CacheControl.ofResponse(response);
        Refusal refusal = refusalByRequest(method, request);
        if (refusal == null) {
            refusal = refusalByStatus(status);
        }
        if (refusal == null) {
            refusal = refusalByResponse(request, response, directives);
        }
        return refusal == null ? lifetime(status, response, directives, responseEpochMillis) : Decision.refuse(refusal);
    }

    private static @Nullable Refusal refusalByRequest(String method, FieldList request) {
        if (!method.equals("GET")) {
            return Refusal.METHOD;
        }
        if (RequestPolicy.hasContent(request)) {
            return Refusal.REQUEST_CONTENT;
        }
        return CacheControl.ofRequest(request).noStore() ? Refusal.REQUEST_NO_STORE : null;
    }

    private static @Nullable Refusal refusalByStatus(int status) {
        if (status == 206) {
            return Refusal.PARTIAL;
        }
        return UNDERSTOOD.contains(status) ? null : Refusal.STATUS;
    }

    private static @Nullable Refusal refusalByResponse(FieldList request, FieldList response, CacheControl directives) {
        // A must-understand that is understood, as it is once the status has passed, overrides the no-store that is
        // sent
        // with it for caches which do not know the directive.
        if (directives.noStore() && !directives.mustUnderstand()) {
            return Refusal.NO_STORE;
        }
        if (directives.isPrivate()) {
            return Refusal.PRIVATE;
        }
        if (directives.noCache()) {
            return Refusal.NO_CACHE;
        }
        if (request.contains("Authorization") && !directives.allowsAuthorized()) {
            return Refusal.AUTHORIZATION;
        }
        if (response.contains("Set-Cookie") || response.contains("Set-Cookie2")) {
            return Refusal.SET_COOKIE;
        }
        return VaryRule.of(response).isAny() ? Refusal.VARY_ANY : null;
    }

    private Decision lifetime(int status, FieldList response, CacheControl directives, long responseEpochMillis) {
        long explicit = Freshness.explicitLifetimeSeconds(directives, response, responseEpochMillis);
        if (explicit != DeltaSeconds.ABSENT) {
            return explicit > 0
                    ? new Decision(null, Freshness.nanos(explicit), true)
                    : Decision.refuse(Refusal.EXPIRED);
        }
        // Pragma means nothing in a response, but who sends it does not leave the lifetime to us.
        if (CacheControl.pragmaNoCache(response)) {
            return Decision.refuse(Refusal.NO_CACHE);
        }
        long configured = configuredNanos(status);
        return configured > 0 ? new Decision(null, configured, false) : Decision.refuse(Refusal.NO_LIFETIME);
    }

    private long configuredNanos(int status) {
        if (DEFAULT_TTL.contains(status)) {
            return defaultTtlNanos;
        }
        return NEGATIVE_TTL.contains(status) ? negativeTtlNanos : 0;
    }
}
