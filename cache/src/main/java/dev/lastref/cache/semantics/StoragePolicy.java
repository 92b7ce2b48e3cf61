package dev.lastref.cache.semantics;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a shared cache may store a response, for how long it will be fresh, and what it may be used for (RFC 9111, sections 3,
 * 4.2.1 and 4.2.2).
 *
 * <p>A lifetime of zero does not forbid to store: what has a validator, or may be served stale, is worth keeping. What could never be
 * used is refused.
 *
 * <p>Immutable. How old a response is when it arrives is told by {@link Freshness}.
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
        /** 206, of a part that is not understood. */
        PARTIAL,
        /** A status that is not final, or whose meaning the response says must be understood, and is not here. */
        STATUS,
        /** The response said no-store. */
        NO_STORE,
        /** The response said private. */
        PRIVATE,
        /** The response may not be reused without validation, and has nothing to validate it by. */
        NO_CACHE,
        /** The request had {@link Credentials} and the response does not allow sharing it. */
        AUTHORIZATION,
        /** The response sets a cookie, and does not say that it may be shared all the same. */
        SET_COOKIE,
        /** The response varies by more than fields of the request. */
        VARY_ANY,
        /** The response names a lifetime, and it is zero, over or unreadable; nor can it be validated. */
        EXPIRED,
        /** The response names no lifetime, and its status allows no other, or none is known and it cannot be validated. */
        NO_LIFETIME;

        private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** For the detail of a {@link CacheStatus}: the name in lower case, with dashes. */
        public String token() {
            return token;
        }
    }

    /**
     * The answer.
     *
     * @param refusal null if the response may be stored
     * @param lifetimeNanos how long it is fresh, from its generation on, at most 2^31 seconds; zero: it is to be validated
     * @param terms of its reuse
     * @param withheld names, in lower case, of the fields that are not for the store: those of a qualified private or no-cache
     */
    public record Decision(@Nullable Refusal refusal, long lifetimeNanos, ReuseTerms terms, Set<String> withheld) {
        private static Decision refuse(Refusal refusal) {
            return new Decision(refusal, 0, ReuseTerms.NONE, Set.of());
        }

        public boolean isStorable() {
            return refusal == null;
        }
    }

    /** 304, 412 and 416 answer the conditions or the range of one request, and say nothing to others, whatever their directives. */
    private static final Set<Integer> ANSWERS_TO_ONE = Set.of(304, 412, 416);

    private static final int PARTIAL_CONTENT = 206;
    private static final int FIRST_FINAL = 200;
    /** Behind it is no status at all (RFC 9110, section 15). */
    private static final int LAST_STATUS = 599;

    /** Failures that are over soon: who says public of all responses alike did not mean them. */
    private static final Set<Integer> PASSING = Set.of(500, 502, 503, 504);

    /** The statuses whose requirements this cache conforms to, which must-understand asks (section 5.2.2.3). */
    static final Set<Integer> UNDERSTOOD =
            Set.of(200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501);

    /** Whose lifetime may be guessed: RFC 9110, section 15.1, without 206. */
    private static final Set<Integer> SUCCESSFUL = Set.of(200, 203, 204, 300, 301, 308);

    private static final Set<Integer> NEGATIVE = Set.of(404, 405, 410, 414, 501);

    /** What a response to POST must be to stand for its target's representation (RFC 9110, sections 8.7 and 9.3.3). */
    private static final int OK = 200;

    /** By these the store works; who limits one of them limits the response. */
    private static final Set<String> NEEDED = Set.of("vary", "cache-control", "date", "age", "expires", "content-type");

    /**
     * What can be validated is kept past its freshness for as long as it was fresh: what nobody asked for in that time will hardly be
     * asked for soon. But at least this long, since there are those that are never fresh.
     */
    private static final long LEAST_KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final StorageRules rules;
    private final long defaultTtlNanos;
    private final long negativeTtlNanos;
    private final long heuristicMaxNanos;
    private final long keepNanos;

    public StoragePolicy(StorageRules rules) {
        this.rules = rules;
        this.defaultTtlNanos = StorageRules.nanos(rules.defaultTtl());
        this.negativeTtlNanos = StorageRules.nanos(rules.negativeTtl());
        this.heuristicMaxNanos = StorageRules.nanos(rules.heuristicMax());
        this.keepNanos = StorageRules.nanos(rules.keep());
    }

    /**
     * Decides on one response.
     *
     * @param method of the request as the origin saw it: HEAD if the client's HEAD was not turned into a GET
     * @param request its fields, as the client sent them
     * @param responseEpochMillis when the response arrived, for an Expires without a Date beside it
     */
    public Decision decide(String method, FieldList request, int status, FieldList response, long responseEpochMillis) {
        Refusal byRequest = refusalByRequest(method, request);
        return byRequest == null ? decide(request, status, response, responseEpochMillis) : Decision.refuse(byRequest);
    }

    /**
     * Decides on a response to POST that may answer a later GET: it names a lifetime of its own, and what it holds is the representation
     * of its target (RFC 9110, section 9.3.3).
     *
     * @param target of the POST, as the key of a GET
     */
    public Decision decideOnPost(
            CacheKey target, FieldList request, int status, FieldList response, long responseEpochMillis) {
        if (CacheControl.ofRequest(request).noStore()) {
            return Decision.refuse(Refusal.REQUEST_NO_STORE);
        }
        if (status != OK || !Invalidation.isAboutTarget(target, response)) {
            return Decision.refuse(Refusal.METHOD);
        }
        if (explicitSeconds(ResponseDirectives.of(response, rules.targets()), response, responseEpochMillis)
                == DeltaSeconds.ABSENT) {
            return Decision.refuse(Refusal.NO_LIFETIME);
        }
        return decide(request, status, response, responseEpochMillis);
    }

    /** Decides on a response to a request that may have its response stored. */
    private Decision decide(FieldList request, int status, FieldList response, long responseEpochMillis) {
        ResponseDirectives directives = ResponseDirectives.of(response, rules.targets());
        CacheControl control = directives.control();
        Refusal refusal = refusalByStatus(status, response, control);
        if (refusal == null) {
            refusal = refusalByDirectives(request, response, control);
        }
        if (refusal != null) {
            return Decision.refuse(refusal);
        }
        long explicit = explicitSeconds(directives, response, responseEpochMillis);
        if (explicit == DeltaSeconds.ABSENT && !control.isPublic() && !isHeuristicallyCacheable(status)) {
            return Decision.refuse(Refusal.NO_LIFETIME);
        }
        if (setsCookie(response, control) && !sharesCookie(explicit, directives)) {
            return Decision.refuse(Refusal.SET_COOKIE);
        }
        long lifetime = lifetimeNanos(explicit, status, response, directives, responseEpochMillis);
        ReuseTerms terms = terms(response, control, lifetime);
        if (terms.alwaysValidated() && terms.keepNanos() == 0) {
            return Decision.refuse(Refusal.NO_CACHE);
        }
        if (lifetime == 0 && terms.keepNanos() == 0) {
            return Decision.refuse(explicit == DeltaSeconds.ABSENT ? Refusal.NO_LIFETIME : Refusal.EXPIRED);
        }
        return new Decision(null, lifetime, terms, withheld(control));
    }

    private static long explicitSeconds(ResponseDirectives directives, FieldList response, long responseEpochMillis) {
        return Freshness.explicitLifetimeSeconds(
                directives.control(), directives.targeted() ? FieldList.EMPTY : response, responseEpochMillis);
    }

    /** RFC 9110, section 15.1. */
    private static boolean isHeuristicallyCacheable(int status) {
        return SUCCESSFUL.contains(status) || NEGATIVE.contains(status) || status == PARTIAL_CONTENT;
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

    private static @Nullable Refusal refusalByStatus(int status, FieldList response, CacheControl control) {
        if (status == PARTIAL_CONTENT && ContentRange.of(response) == null) {
            return Refusal.PARTIAL;
        }
        boolean understood = !control.mustUnderstand() || UNDERSTOOD.contains(status);
        boolean isFinal = status >= FIRST_FINAL && status <= LAST_STATUS;
        return isFinal && !ANSWERS_TO_ONE.contains(status) && understood ? null : Refusal.STATUS;
    }

    private static @Nullable Refusal refusalByDirectives(FieldList request, FieldList response, CacheControl control) {
        // A must-understand that is understood, as it is once the status has passed, overrides the no-store that is
        // sent
        // with it for caches which do not know the directive.
        if (control.noStore() && !control.mustUnderstand()) {
            return Refusal.NO_STORE;
        }
        if (control.isPrivate() && !isQualified(control.privateFields())) {
            return Refusal.PRIVATE;
        }
        if (Credentials.areIn(request) && !control.allowsAuthorized()) {
            return Refusal.AUTHORIZATION;
        }
        return VaryRule.of(response).isAny() ? Refusal.VARY_ANY : null;
    }

    /** Whether the directive is about these fields alone: not if the store could not do without them. */
    private static boolean isQualified(List<String> names) {
        return !names.isEmpty() && names.stream().noneMatch(NEEDED::contains);
    }

    private static Set<String> withheld(CacheControl control) {
        if (control.privateFields().isEmpty() && control.noCacheFields().isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>(control.privateFields());
        if (isQualified(control.noCacheFields())) {
            names.addAll(control.noCacheFields());
        }
        return Set.copyOf(names);
    }

    /** Whether it sets a cookie that would be stored with it. */
    private static boolean setsCookie(FieldList response, CacheControl control) {
        Set<String> withheld = withheld(control);
        return (response.contains("Set-Cookie") && !withheld.contains("set-cookie"))
                || (response.contains("Set-Cookie2") && !withheld.contains("set-cookie2"));
    }

    private boolean sharesCookie(long explicit, ResponseDirectives directives) {
        CacheControl control = directives.control();
        return switch (rules.setCookie()) {
            case NEVER -> false;
            case SHARED -> directives.targeted() || control.isPublic() || control.sMaxAge() >= 0;
            case EXPLICIT -> explicit != DeltaSeconds.ABSENT;
        };
    }

    /** What the operator set against the origin's word, what the origin said, or what is left to us. */
    private long lifetimeNanos(
            long explicit, int status, FieldList response, ResponseDirectives directives, long responseEpochMillis) {
        Duration set = rules.overrides().ttl();
        if (set != null && (SUCCESSFUL.contains(status) || status == PARTIAL_CONTENT)) {
            return StorageRules.nanos(set);
        }
        return explicit == DeltaSeconds.ABSENT
                ? silentLifetimeNanos(status, response, directives, responseEpochMillis)
                : Freshness.nanos(explicit);
    }

    /** The lifetime of a response that names none. */
    private long silentLifetimeNanos(
            int status, FieldList response, ResponseDirectives directives, long responseEpochMillis) {
        // Pragma means nothing in a response, but who sends it does not leave the lifetime to us.
        if (!directives.targeted() && CacheControl.pragmaNoCache(response)) {
            return 0;
        }
        long configured =
                SUCCESSFUL.contains(status) ? defaultTtlNanos : NEGATIVE.contains(status) ? negativeTtlNanos : 0;
        if (configured > 0) {
            return configured;
        }
        boolean guessable = SUCCESSFUL.contains(status)
                || NEGATIVE.contains(status)
                || (directives.control().isPublic() && !PASSING.contains(status)); // the response itself allows it
        return guessable
                ? Math.min(heuristicMaxNanos, Freshness.heuristicLifetimeNanos(response, responseEpochMillis))
                : 0;
    }

    private ReuseTerms terms(FieldList response, CacheControl control, long lifetimeNanos) {
        boolean alwaysValidated = control.noCache() && !isQualified(control.noCacheFields());
        boolean neverStale =
                control.mustRevalidate() || control.proxyRevalidate() || control.sMaxAge() != DeltaSeconds.ABSENT;
        boolean mayBeStale = !alwaysValidated && !neverStale;
        StorageRules.Overrides set = rules.overrides();
        long whileRevalidate = mayBeStale
                ? window(set.staleWhileRevalidate(), control.staleWhileRevalidate(), rules.staleWhileRevalidate())
                : 0;
        long ifError = mayBeStale ? window(set.staleIfError(), control.staleIfError(), rules.staleIfError()) : 0;
        long validating =
                Validators.of(response).isEmpty() ? 0 : Math.min(keepNanos, Math.max(lifetimeNanos, LEAST_KEPT_NANOS));
        return new ReuseTerms(
                control.allowsAuthorized(),
                alwaysValidated,
                neverStale,
                whileRevalidate,
                ifError,
                Math.max(validating, Math.max(whileRevalidate, ifError)));
    }

    /** A window that is unreadable, or named twice, is none. */
    private static long window(@Nullable Duration set, long named, Duration configured) {
        if (set != null) {
            return StorageRules.nanos(set);
        }
        return named == DeltaSeconds.ABSENT ? StorageRules.nanos(configured) : Freshness.nanos(named);
    }
}
