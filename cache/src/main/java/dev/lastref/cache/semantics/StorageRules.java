package dev.lastref.cache.semantics;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator lets the cache do where HTTP leaves it open, or where a response is silent.
 *
 * @param defaultTtl freshness lifetime of a successful response that names none; zero: the heuristic is asked
 * @param negativeTtl the same for 404 and its like
 * @param heuristicMax the longest lifetime that is guessed from Last-Modified; zero: none is (RFC 9111, section 4.2.2)
 * @param staleWhileRevalidate the window of a response that names none (RFC 5861, section 3)
 * @param staleIfError the window of a response that names none (RFC 5861, section 4)
 * @param keep how long a response that can be validated is kept after it became stale
 * @param setCookie which responses that set a cookie are shared
 * @param targets names of targeted fields, the first that a response has wins (RFC 9213, section 2.2)
 * @param overrides what counts instead of what a response says
 */
public record StorageRules(
        Duration defaultTtl,
        Duration negativeTtl,
        Duration heuristicMax,
        Duration staleWhileRevalidate,
        Duration staleIfError,
        Duration keep,
        CookieRule setCookie,
        List<String> targets,
        Overrides overrides) {
    /**
     * What an operator sets against the word of the origin; null: its word counts. What forbids to store, to share, or to serve stale
     * stays forbidden.
     *
     * @param ttl freshness lifetime of successful responses
     * @param staleWhileRevalidate the window of RFC 5861, section 3
     * @param staleIfError the window of RFC 5861, section 4
     */
    public record Overrides(
            @Nullable Duration ttl,
            @Nullable Duration staleWhileRevalidate,
            @Nullable Duration staleIfError) {
        public static final Overrides NONE = new Overrides(null, null, null);
    }

    /** Which responses with Set-Cookie are stored (RFC 9111, section 7.3). */
    public enum CookieRule {
        /** None. */
        NEVER,
        /** Those that say for themselves that they are for a shared cache: public, s-maxage, or a targeted field. */
        SHARED,
        /** Those that name a lifetime of their own, as the RFC has it. */
        EXPLICIT
    }

    public StorageRules {
        notNegative("lastref.cache.default-ttl", defaultTtl);
        notNegative("lastref.cache.negative-ttl", negativeTtl);
        notNegative("lastref.cache.heuristic-max", heuristicMax);
        notNegative("lastref.cache.stale-while-revalidate", staleWhileRevalidate);
        notNegative("lastref.cache.stale-if-error", staleIfError);
        notNegative("lastref.cache.keep", keep);
        targets = List.copyOf(targets);
        for (String target : targets) {
            if (!Ascii.isToken(target)) {
                throw new IllegalArgumentException(
                        "lastref.cache.targets names fields, and \"" + target + "\" is no field name");
            }
        }
    }

    private static void notNegative(String key, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(key + " is " + duration + ", and a duration cannot be negative");
        }
    }

    /** As the sidecar's defaults are. */
    public static StorageRules defaults() {
        return new StorageRules(
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofDays(1),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofMinutes(10),
                CookieRule.EXPLICIT,
                List.of("CDN-Cache-Control", ResponseDirectives.SURROGATE_CONTROL),
                Overrides.NONE);
    }

    public StorageRules withTtl(Duration newDefault, Duration newNegative) {
        return new StorageRules(
                newDefault,
                newNegative,
                heuristicMax,
                staleWhileRevalidate,
                staleIfError,
                keep,
                setCookie,
                targets,
                overrides);
    }

    public StorageRules withHeuristicMax(Duration newMax) {
        return new StorageRules(
                defaultTtl,
                negativeTtl,
                newMax,
                staleWhileRevalidate,
                staleIfError,
                keep,
                setCookie,
                targets,
                overrides);
    }

    public StorageRules withStale(Duration whileRevalidate, Duration ifError) {
        return new StorageRules(
                defaultTtl, negativeTtl, heuristicMax, whileRevalidate, ifError, keep, setCookie, targets, overrides);
    }

    public StorageRules withKeep(Duration newKeep) {
        return new StorageRules(
                defaultTtl,
                negativeTtl,
                heuristicMax,
                staleWhileRevalidate,
                staleIfError,
                newKeep,
                setCookie,
                targets,
                overrides);
    }

    public StorageRules withSetCookie(CookieRule rule) {
        return new StorageRules(
                defaultTtl,
                negativeTtl,
                heuristicMax,
                staleWhileRevalidate,
                staleIfError,
                keep,
                rule,
                targets,
                overrides);
    }

    public StorageRules withTargets(List<String> newTargets) {
        return new StorageRules(
                defaultTtl,
                negativeTtl,
                heuristicMax,
                staleWhileRevalidate,
                staleIfError,
                keep,
                setCookie,
                newTargets,
                overrides);
    }

    public StorageRules withOverrides(Overrides newOverrides) {
        return new StorageRules(
                defaultTtl,
                negativeTtl,
                heuristicMax,
                staleWhileRevalidate,
                staleIfError,
                keep,
                setCookie,
                targets,
                newOverrides);
    }

    /** Nanoseconds, at most 2^31 seconds as every lifetime of HTTP. */
    static long nanos(Duration duration) {
        return duration.toSeconds() >= DeltaSeconds.MAX ? Freshness.nanos(DeltaSeconds.MAX) : duration.toNanos();
    }
}
