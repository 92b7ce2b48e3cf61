package dev.lastref.cache.semantics;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the cache may do with a request, and which stored responses its client accepts (RFC 9111, sections 4 and 5.2.1).
 *
 * <p>The side of the response comes in as {@link Freshness} and {@link ReuseTerms}.
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
        /** Not for a cache: other methods, requests with content, changes of protocol. */
        PASS,
        /** A stored response answers, or 504 (Gateway Timeout) does; the origin is not asked (section 5.2.1.7). */
        ONLY_IF_CACHED
    }

    /** Safe by RFC 9110, section 9.2.1. A method that is not known here may be unsafe, and invalidates. */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private static final String[] CONDITIONS = {
        "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"
    };

    /** Every field that is read here. */
    private static final Set<String> READ = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        READ.addAll(List.of(CONDITIONS));
        READ.addAll(List.of("Cache-Control", "Content-Length", "Pragma", "Range", "Transfer-Encoding"));
        READ.addAll(Credentials.names());
    }

    private static final RequestPolicy PLAIN_GET = new RequestPolicy("GET", FieldList.EMPTY, false, false);

    private final Action action;
    private final CacheControl directives;
    private final boolean usesStore;
    private final boolean invalidating;
    private final boolean answeringGet;
    private final boolean authorization;
    private final boolean conditional;
    private final boolean conditionForOrigin;
    private final boolean conditionBeforeRange;
    private final @Nullable ByteRanges ranges;

    private RequestPolicy(String method, FieldList request, boolean content, boolean passed) {
        directives = CacheControl.ofRequest(request);
        boolean hasContent = content || hasContent(request);
        action = passed ? Action.PASS : action(method, hasContent, directives);
        boolean mayRead = action == Action.LOOKUP || action == Action.ONLY_IF_CACHED;
        usesStore = mayRead && !directives.noCache() && !hasContent;
        invalidating = !SAFE.contains(method);
        answeringGet = !passed && method.equals("POST") && !directives.noStore();
        authorization = Credentials.areIn(request);
        conditional = isConditional(request);
        conditionForOrigin = conditional && Preconditions.hasConditionForOrigin(request);
        ranges = method.equals("GET") ? ByteRanges.of(request) : null;
        conditionBeforeRange =
                conditional && (request.contains("If-None-Match") || request.contains("If-Modified-Since"));
    }

    /** Of a request without content, but for what its fields say of it. */
    public static RequestPolicy of(String method, FieldList request) {
        return of(method, request, false);
    }

    /**
     * Of a request.
     *
     * @param content whether it has some, which by HTTP/2 no field need tell
     */
    public static RequestPolicy of(String method, FieldList request, boolean content) {
        if (!content && method.equals("GET") && saysNothing(request)) {
            return PLAIN_GET; // most are
        }
        return new RequestPolicy(method, request, content, false);
    }

    /** Of a request to go on with another protocol (RFC 9110, section 7.8): its answer is for one connection alone. */
    public static RequestPolicy ofUpgrade(String method, FieldList request) {
        return new RequestPolicy(method, request, false, true);
    }

    /** Of a request that the operator does not want to be answered from the store, nor its response stored. */
    public static RequestPolicy ofPassed(String method, FieldList request) {
        RequestPolicy usual = of(method, request);
        return usual.action == Action.ONLY_IF_CACHED ? usual : new RequestPolicy(method, request, false, true);
    }

    /** Whether there is no field in it that this class reads. */
    private static boolean saysNothing(FieldList request) {
        for (int i = 0; i < request.size(); i++) {
            if (READ.contains(request.name(i))) {
                return false;
            }
        }
        return true;
    }

    /** The names of the fields that any request is judged by; what else it has chooses at most among variants. */
    public static Set<String> fieldsRead() {
        return Set.copyOf(READ);
    }

    private static Action action(String method, boolean hasContent, CacheControl directives) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Action.PASS;
        }
        // Before anything that would ask the origin, because the client asked not to.
        if (directives.onlyIfCached()) {
            return Action.ONLY_IF_CACHED;
        }
        if (hasContent) {
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

    /** Whether what is stored is of interest to it: to answer, or to be validated. */
    public boolean looksUp() {
        return action == Action.LOOKUP || action == Action.REFRESH || action == Action.ONLY_IF_CACHED;
    }

    /** Max-age, min-fresh, max-stale and the rest, as sent. */
    public CacheControl directives() {
        return directives;
    }

    /** Whether a response that is no error makes the stored ones of this URI invalid (section 4.4). */
    public boolean invalidates() {
        return invalidating;
    }

    /** Whether the response to it may answer later GETs, if that response says so (RFC 9110, section 9.3.3): it is a POST. */
    public boolean mayAnswerGet() {
        return answeringGet;
    }

    /** Whether it has {@link Credentials}: only a response that {@linkplain CacheControl#allowsAuthorized() allows it} may answer or be stored then. */
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

    /**
     * Whether a part of the representation will do, and not all from its first byte on. Not where a condition goes before the range (RFC 9110,
     * section 13.2.2): that is judged here, by the head of all of it. By the part alone the origin would judge the range, and say 416 where
     * the answer is 304.
     */
    public boolean asksForPart() {
        return ranges != null && !ranges.isEverything() && !conditionBeforeRange;
    }

    /**
     * What may be done with the stored response that was selected for this request.
     *
     * @param nowNanos the ticker by which the freshness is reckoned
     */
    public Reuse reuse(Freshness freshness, ReuseTerms terms, long nowNanos) {
        if (authorization && !terms.allowsAuthorized()) {
            return Reuse.NONE;
        }
        if (!usesStore || terms.alwaysValidated()) {
            return Reuse.VALIDATE;
        }
        long maxAge = directives.maxAge();
        if (maxAge == DeltaSeconds.INVALID || (maxAge >= 0 && freshness.ageSeconds(nowNanos) > maxAge)) {
            return Reuse.VALIDATE;
        }
        long remaining = freshness.remainingNanos(nowNanos);
        long minFresh = directives.minFresh();
        if (minFresh == DeltaSeconds.INVALID || (minFresh >= 0 && remaining < Freshness.nanos(minFresh))) {
            return Reuse.VALIDATE;
        }
        if (remaining > 0) {
            return Reuse.FRESH;
        }
        if (!terms.mayBeStale()) {
            return Reuse.VALIDATE;
        }
        if (permitsStaleness(-remaining)) {
            return Reuse.STALE;
        }
        // Who names a largest age or a time of freshness does not want a stale one, unless he says so; nor who says how
        // stale.
        boolean unlimited = maxAge == DeltaSeconds.ABSENT
                && minFresh == DeltaSeconds.ABSENT
                && directives.maxStale() == DeltaSeconds.ABSENT;
        return unlimited && -remaining < terms.staleWhileRevalidateNanos()
                ? Reuse.STALE_WHILE_REVALIDATE
                : Reuse.VALIDATE;
    }

    private boolean permitsStaleness(long nanos) {
        long maxStale = directives.maxStale();
        return maxStale == CacheControl.UNLIMITED || (maxStale >= 0 && nanos <= Freshness.nanos(maxStale));
    }

    /**
     * How long past its freshness the stored response may stand in for an origin that fails (RFC 5861, section 4): as long as this client
     * says, if it says anything, since that is about its request alone; else by the response's own terms. Zero: never.
     */
    public long standInNanos(ReuseTerms terms) {
        if (action != Action.LOOKUP || !terms.mayBeStale() || (authorization && !terms.allowsAuthorized())) {
            return 0;
        }
        return directives.staleIfError() == DeltaSeconds.ABSENT
                ? terms.staleIfErrorNanos()
                : Freshness.nanos(directives.staleIfError());
    }
}
