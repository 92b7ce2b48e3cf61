package dev.lastref.http.serve;

import dev.lastref.cache.Purge;
import dev.lastref.cache.ResponseCache;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.Invalidation;
import org.jspecify.annotations.Nullable;

/** Gives up what an unsafe request has made invalid (RFC 9111, section 4.4). */
final class Invalidations {
    private Invalidations() {}

    /**
     * The request has come to its end, or to its answer's head.
     *
     * @param head of the answer; null: none came, so the origin may have done what was asked, and nobody can know
     */
    static void by(Incoming incoming, @Nullable ResponseHead head, ResponseCache cache) {
        CacheKey target = incoming.invalidatedKey();
        if (target == null) {
            return;
        }
        if (head == null) {
            cache.invalidate(target);
        } else if (Invalidation.isCausedBy(head.status())) {
            Invalidation.keys(target, head.fields()).forEach(cache::invalidate);
            Invalidation.groups(head.fields()).forEach(group -> cache.purge(Purge.group(target, group)));
        }
    }
}
