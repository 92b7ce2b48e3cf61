package dev.lastref.http.early;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.ListField;
import dev.lastref.cache.semantics.NotModified;
import dev.lastref.http.early.RecentHeads.Slot;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The heads of stored responses as hits say them: what {@code serve} writes too. For one thread. */
final class StoredHead {
    private final HeadWriter head = new HeadWriter();
    private final RecentHeads recent = new RecentHeads();

    /**
     * Begins one; the length is left to the caller, and what belongs to a range.
     *
     * @param status of the answer: the stored one, 206 or 304
     * @param told the key that Cache-Status tells; null: none
     * @param now by the clock of {@link StoredResponse#freshness}, in nanoseconds
     */
    HeadWriter begin(StoredResponse stored, int status, @Nullable CacheKey told, long now) {
        FieldList fields = stored.fields();
        Slot slot = recent.of(stored, status);
        byte[] kept = slot.beginning(fields, status);
        String caches;
        if (kept != null) {
            head.begin(kept);
            caches = slot.otherCaches();
        } else {
            caches = write(fields, status);
            slot.wrote(fields, status, head, caches);
        }
        long ttl = TimeUnit.NANOSECONDS.toSeconds(stored.freshness().remainingNanos(now));
        if (told == null && caches == null) {
            head.line("Cache-Status", CacheStatus.HIT_TTL, ttl);
        } else {
            CacheStatus ours = CacheStatus.hit().ttl(ttl);
            String member = (told == null ? ours : ours.key(told.toString())).toString();
            head.line("Cache-Status", ListField.added(caches, member));
        }
        return head.line("Age", stored.freshness().ageSeconds(now));
    }

    /** Writes what is the same each time; returns the members of Cache-Status that were stored. */
    private @Nullable String write(FieldList fields, int status) {
        head.begin(status);
        boolean dated = status == 304 && NotModified.needsDate(fields);
        String caches = null;
        boolean saysRanges = status != 200;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            String value = fields.value(i);
            if (status == 304 && !NotModified.isRepeated(name, dated)) {
                continue;
            }
            if (name.equalsIgnoreCase("Cache-Status")) {
                caches = ListField.added(caches, value);
            } else if (!isLeftOut(name, status)) {
                saysRanges |= name.equalsIgnoreCase("Accept-Ranges");
                head.line(name, value);
            }
        }
        if (!saysRanges) {
            head.line("Accept-Ranges", "bytes");
        }
        return caches;
    }

    /** What is said anew, or belonged to the exchange that was stored. */
    private static boolean isLeftOut(String name, int status) {
        return name.equalsIgnoreCase("Age")
                || name.equalsIgnoreCase("X-Request-Id")
                || (status == 206 && name.equalsIgnoreCase("Content-Range"));
    }
}
