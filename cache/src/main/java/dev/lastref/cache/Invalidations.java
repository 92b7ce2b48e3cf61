package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.Invalidation;
import org.jspecify.annotations.Nullable;

/** Gives up what an unsafe request has made invalid (RFC 9111, section 4.4; RFC 9875, section 3). */
final class Invalidations {
    private Invalidations() {}

    /**
     * The origin has answered, or failed to.
     *
     * @param head of the answer; null: none came, so the origin may have done what was asked, and nobody can know
     */
    static void by(Asked asked, @Nullable ResponseHead head, ResponseCache cache) {
        CacheKey target = asked.invalidated();
        if (target == null) {
            return;
        }
        if (head == null) {
            cache.invalidate(target);
        } else if (Invalidation.isCausedBy(head.status())) {
            for (CacheKey key : Invalidation.keys(target, head.fields())) {
                cache.invalidate(cache.config().paths().keyed(key));
            }
            Invalidation.groups(head.fields()).forEach(group -> cache.purge(Purge.group(target, group)));
        }
    }
}
