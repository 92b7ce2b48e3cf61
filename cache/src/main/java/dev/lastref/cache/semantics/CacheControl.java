package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Cache-Control directives of one message, from all of its lines (RFC 9111, section 5.2; RFC 5861; RFC 8246).
 *
 * <p>Numbers are seconds, {@link DeltaSeconds#ABSENT} or {@link DeltaSeconds#INVALID}. A directive given twice with
 * different numbers is INVALID, which every reader takes in the way that reuses less (section 4.2.1: "either the first
 * occurrence should be used or the response should be considered stale"). A directive that permits something ({@code
 * public}, {@code must-understand}, {@code immutable}) and carries an argument that it cannot have is ignored; one that
 * forbids something counts all the same. Where a quote is never closed, on whichever line, every number is INVALID, nothing
 * permits, and nothing is limited to field names.
 */
public final class CacheControl {
    /** {@link #maxStale()} of a {@code max-stale} without an argument: any staleness will do. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final int NO_STORE = 1 << 0;
    private static final int NO_CACHE = 1 << 1;
    private static final int PRIVATE = 1 << 2;
    private static final int PUBLIC = 1 << 3;
    private static final int MUST_REVALIDATE = 1 << 4;
    private static final int PROXY_REVALIDATE = 1 << 5;
    private static final int MUST_UNDERSTAND = 1 << 6;
    private static final int NO_TRANSFORM = 1 << 7;
    private static final int IMMUTABLE = 1 << 8;
    private static final int ONLY_IF_CACHED = 1 << 9;
    /** No directive: a quote that is never closed. */
    private static final int UNCLOSED = 1 << 10;

    private static final int PERMITTING = PUBLIC | MUST_UNDERSTAND | IMMUTABLE;

    /** Of most requests. */
    private static final CacheControl NONE = new CacheControl();

    /** Of {@code Pragma: no-cache} without any. */
    private static final CacheControl BY_PRAGMA = new CacheControl();

    static {
        BY_PRAGMA.flags = NO_CACHE;
    }

    /** A set of the bits above: every request is parsed into one of these. */
    private int flags;

    private long maxAge = DeltaSeconds.ABSENT;
    private long sMaxAge = DeltaSeconds.ABSENT;
    private long minFresh = DeltaSeconds.ABSENT;
    private long maxStale = DeltaSeconds.ABSENT;
    private long staleWhileRevalidate = DeltaSeconds.ABSENT;
    private long staleIfError = DeltaSeconds.ABSENT;
    private Qualifier noCacheFields = Qualifier.NONE;
    private Qualifier privateFields = Qualifier.NONE;

    private CacheControl() {}

    private CacheControl(FieldList fields) {
        boolean closed = true;
        for (String line : fields.all("Cache-Control")) {
            closed &= DirectiveParser.parse(line, this::directive);
        }
        if (!closed) {
            restrict();
        }
    }

    /** For directives that come by another way than Cache-Control. */
    static Builder builder() {
        return new Builder();
    }

    /** Takes directives one by one. For one thread, and one {@link #build()}. */
    static final class Builder {
        private final CacheControl building = new CacheControl();

        private Builder() {}

        /** As from a line of Cache-Control: the name in lower case, the argument null where there is none. */
        Builder directive(String name, @Nullable String argument) {
            building.directive(name, argument);
            return this;
        }

        /** With a quoted argument, which only those that list field names may have. */
        Builder quoted(String name, String argument) {
            boolean listsFields = name.equals("no-cache") || name.equals("private");
            return directive(name, listsFields ? argument : "?");
        }

        /** A quote was never closed: what was given so far counts as far as it forbids. */
        void restrict() {
            building.restrict();
        }

        CacheControl build() {
            return building;
        }
    }

    /** Of a request; {@code Pragma: no-cache} counts where there is no Cache-Control at all (section 5.4). */
    public static CacheControl ofRequest(FieldList request) {
        if (request.contains("Cache-Control")) {
            return new CacheControl(request);
        }
        return pragmaNoCache(request) ? BY_PRAGMA : NONE;
    }

    /** Of a response, where Pragma has no specified meaning (section 5.4). */
    public static CacheControl ofResponse(FieldList response) {
        return new CacheControl(response);
    }

    static boolean pragmaNoCache(FieldList fields) {
        boolean[] found = new boolean[1];
        for (String line : fields.all("Pragma")) {
            boolean unused = DirectiveParser.parse(line, (name, argument) -> found[0] |= name.equals("no-cache"));
        }
        return found[0];
    }

    private void directive(String name, @Nullable String argument) {
        switch (name) {
            case "no-store" -> set(NO_STORE);
            case "no-cache" -> {
                set(NO_CACHE);
                noCacheFields = noCacheFields.and(argument);
            }
            case "private" -> {
                set(PRIVATE);
                privateFields = privateFields.and(argument);
            }
            case "public" -> setUnlessArgument(PUBLIC, argument);
            case "must-revalidate" -> set(MUST_REVALIDATE);
            case "proxy-revalidate" -> set(PROXY_REVALIDATE);
            case "must-understand" -> setUnlessArgument(MUST_UNDERSTAND, argument);
            case "no-transform" -> set(NO_TRANSFORM);
            case "immutable" -> setUnlessArgument(IMMUTABLE, argument);
            case "only-if-cached" -> set(ONLY_IF_CACHED);
            case "max-age" -> maxAge = merge(maxAge, seconds(argument));
            case "s-maxage" -> sMaxAge = merge(sMaxAge, seconds(argument));
            case "min-fresh" -> minFresh = merge(minFresh, seconds(argument));
            case "max-stale" -> maxStale = merge(maxStale, argument == null ? UNLIMITED : seconds(argument));
            case "stale-while-revalidate" -> staleWhileRevalidate = merge(staleWhileRevalidate, seconds(argument));
            case "stale-if-error" -> staleIfError = merge(staleIfError, seconds(argument));
            default -> {
                // An unrecognised directive is ignored (section 5.2.3).
            }
        }
    }

    /** Takes the reading that reuses least. */
    private void restrict() {
        flags = (flags & ~PERMITTING) | UNCLOSED;
        maxAge = unreadable(maxAge);
        sMaxAge = unreadable(sMaxAge);
        minFresh = unreadable(minFresh);
        maxStale = unreadable(maxStale);
        staleWhileRevalidate = unreadable(staleWhileRevalidate);
        staleIfError = unreadable(staleIfError);
        noCacheFields = Qualifier.NONE;
        privateFields = Qualifier.NONE;
    }

    private static long unreadable(long number) {
        return number == DeltaSeconds.ABSENT ? number : DeltaSeconds.INVALID;
    }

    private void set(int flag) {
        flags |= flag;
    }

    private void setUnlessArgument(int flag, @Nullable String argument) {
        if (argument == null) {
            set(flag);
        }
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private static long seconds(@Nullable String argument) {
        return argument == null ? DeltaSeconds.INVALID : DeltaSeconds.parse(argument);
    }

    private static long merge(long before, long now) {
        return before == DeltaSeconds.ABSENT || before == now ? now : DeltaSeconds.INVALID;
    }

    public boolean noStore() {
        return has(NO_STORE);
    }

    /** In either form; see {@link #noCacheFields()}. */
    public boolean noCache() {
        return has(NO_CACHE);
    }

    /**
     * The lower-case names in {@code no-cache="…"}. Empty where no-cache is absent, and where it stands for the whole
     * response: unqualified, also beside a qualified one, or with an argument that is no list of field names.
     */
    public List<String> noCacheFields() {
        return noCacheFields.names();
    }

    /** In either form; see {@link #privateFields()}. */
    public boolean isPrivate() {
        return has(PRIVATE);
    }

    /** The lower-case names in {@code private="…"}; empty as for {@link #noCacheFields()}. */
    public List<String> privateFields() {
        return privateFields.names();
    }

    public boolean isPublic() {
        return has(PUBLIC);
    }

    public boolean mustRevalidate() {
        return has(MUST_REVALIDATE);
    }

    public boolean proxyRevalidate() {
        return has(PROXY_REVALIDATE);
    }

    public boolean mustUnderstand() {
        return has(MUST_UNDERSTAND);
    }

    public boolean noTransform() {
        return has(NO_TRANSFORM);
    }

    public boolean immutable() {
        return has(IMMUTABLE);
    }

    public boolean onlyIfCached() {
        return has(ONLY_IF_CACHED);
    }

    public long maxAge() {
        return maxAge;
    }

    public long sMaxAge() {
        return sMaxAge;
    }

    public long minFresh() {
        return minFresh;
    }

    /** Seconds past freshness that a client takes, {@link #UNLIMITED}, ABSENT or INVALID. */
    public long maxStale() {
        return maxStale;
    }

    public long staleWhileRevalidate() {
        return staleWhileRevalidate;
    }

    public long staleIfError() {
        return staleIfError;
    }

    /**
     * Whether this response, though a request with Authorization brought it or asks for it, may be shared (section
     * 3.5). An s-maxage that is no number allows nothing, nor does anything beside a quote that is never closed.
     */
    public boolean allowsAuthorized() {
        return !has(UNCLOSED) && (isPublic() || mustRevalidate() || sMaxAge >= 0);
    }

    /** The field names that a no-cache or private directive is limited to; limited to none, it covers everything. */
    private record Qualifier(boolean seen, List<String> names) {
        static final Qualifier NONE = new Qualifier(false, List.of());

        Qualifier and(@Nullable String argument) {
            List<String> added = argument == null ? List.of() : fieldNames(argument);
            if (added.isEmpty() || (seen && names.isEmpty())) {
                return new Qualifier(true, List.of());
            }
            List<String> all = new ArrayList<>(names);
            all.addAll(added);
            return new Qualifier(true, all.stream().distinct().toList());
        }

        private static List<String> fieldNames(String argument) {
            List<String> names = Members.of(argument);
            return names.stream().allMatch(Ascii::isToken)
                    ? names.stream().map(Ascii::lower).toList()
                    : List.of();
        }
    }
}
