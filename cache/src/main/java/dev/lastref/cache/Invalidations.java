package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.Invalidation;
import org.jspecify.annotations.Nullable;

/** Gives up what an unsafe request has made invalid (RFC 9111, section 4.4; RFC 9875, section 3). */
final class Invalidations {
    private Invalidations() {}

    /**
     * The origin has answered, or failed to though it got the whole request.
     *
     * @param head of the answer; null: none came, so the origin may have done what was asked, and nobody can know
     * @param began when the origin was asked, for what {@link Asked#answersGet answers GETs}
     * @return the moment behind this invalidation, from which on the response counts; null if there was another one in between
     */
    static @Nullable Began by(Asked asked, @Nullable ResponseHead head, ResponseCache cache, Began began) {
        CacheKey target = asked.invalidated();
        if (target == null) {
            return null;
        }
        if (head == null) {
            cache.invalidate(target);
            return null;
        }
        if (!Invalidation.isCausedBy(head.status())) {
            return null;
        }
        int count = began.invalidations();
        for (CacheKey key : Invalidation.keys(target, head.fields())) {
            CacheKey keyed = cache.config().paths().keyed(key);
            int now = cache.invalidate(keyed);
            count = key.equals(target) ? now : count;
        }
        Invalidation.groups(head.fields()).forEach(group -> cache.purge(Purge.group(target, group)));
        return count == began.invalidations() + 1 ? new Began(count, began.purges()) : null;
    }
}
