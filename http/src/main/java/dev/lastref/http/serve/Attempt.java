package dev.lastref.http.serve;

import dev.lastref.cache.Asked;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.CacheStatus.Forward;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.cache.semantics.Reuse;
import dev.lastref.pool.Transmission;
import org.jspecify.annotations.Nullable;

/**
 * What the origin is asked for on behalf of a client, and why the store did not do.
 *
 * @param why as Cache-Status tells it (RFC 9211, section 2.2)
 * @param completion of a stored part, to which only the rest is asked for; null: all that the client wants is
 */
record Attempt(Asked asked, Forward why, @Nullable Completion completion) {
    private Attempt(Asked asked, Forward why) {
        this(asked, why, null);
    }

    /** Of a request that the store could not answer. */
    static Attempt first(ServeContext context, Incoming incoming) {
        RequestPolicy policy = incoming.policy();
        if (policy.action() == RequestPolicy.Action.NO_STORE) {
            return new Attempt(Asked.passed(incoming.fields(), null), Forward.REQUEST);
        }
        if (!policy.looksUp()) {
            boolean get = incoming.method().equals("GET") || incoming.isHead();
            CacheKey invalidated = incoming.invalidatedKey();
            Asked asked = invalidated != null && incoming.mayAnswerGet()
                    ? Asked.posted(incoming.fields(), invalidated)
                    : Asked.passed(incoming.fields(), invalidated);
            return new Attempt(asked, get ? Forward.BYPASS : Forward.METHOD);
        }
        CacheKey key = incoming.key();
        if (policy.hasConditionForOrigin()) {
            return new Attempt(
                    Asked.of(key, incoming.fields()), Forward.REQUEST); // it judges what it has, not what we have
        }
        StoredResponse stored = context.cache().select(key, incoming.fields());
        StoredResponse part = stored == null ? context.cache().partOf(key, incoming.fields()) : null;
        if (part != null) {
            return new Attempt(
                    Asked.of(key, incoming.fields()), Forward.PARTIAL, Completion.of(context, incoming, part));
        }
        if (stored == null) {
            Forward miss = context.cache().varies(key) ? Forward.VARY_MISS : Forward.URI_MISS;
            boolean named = incoming.method().equals("GET") && !policy.asksForPart() && !policy.hasAuthorization();
            return new Attempt(
                    named
                            ? Asked.among(
                                    key, incoming.fields(), context.cache().variants(key, incoming.fields()))
                            : Asked.of(key, incoming.fields()),
                    miss);
        }
        if (Reuses.of(context, incoming, stored) == Reuse.NONE) {
            return new Attempt(Asked.of(key, incoming.fields()), Forward.MISS);
        }
        boolean fresh =
                stored.freshness().isFresh(context.now()) && !stored.terms().alwaysValidated();
        return new Attempt(
                new Asked(key, incoming.fields(), stored, policy.standInNanos(stored.terms())),
                fresh ? Forward.REQUEST : Forward.STALE);
    }

    /**
     * Of the same request, when this attempt has brought what was not for it.
     *
     * @param led whether the origin was asked for it: then it went on for the reason that there was
     * @param afresh without regard to what is stored
     */
    Attempt again(ServeContext context, Incoming incoming, boolean led, boolean afresh) {
        Attempt next = first(context, incoming);
        Transmission unused = afresh ? next.front() : null;
        if (unused != null) {
            unused.close();
        }
        // What was stored is gone where the origin has just said that it is of no use.
        boolean gone = asked.stored() != null && next.asked.stored() == null;
        Forward reason = led || gone ? why : next.why;
        return afresh ? new Attempt(next.asked.afresh(), reason) : new Attempt(next.asked, reason, next.completion);
    }

    /** What goes before what the origin is asked for; null: nothing. Whoever made this closes it. */
    @Nullable
    Transmission front() {
        return completion == null ? null : completion.front();
    }

    /** Whether the origin was offered what is stored besides what it was asked to validate, and might do without. */
    boolean isOffer() {
        return completion != null || !asked.variants().isEmpty();
    }
}
