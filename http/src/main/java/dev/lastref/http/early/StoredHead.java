package dev.lastref.http.early;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.ListField;
import dev.lastref.cache.semantics.NotModified;

/** The head of a stored response as a hit says it: what {@code serve} writes too. */
final class StoredHead {
    private StoredHead() {}

    /**
     * Begins it; the length is left to the caller, and what belongs to a range.
     *
     * @param status of the answer: the stored one, 206 or 304
     * @param told what Cache-Status says of us
     * @param now by the clock of {@link StoredResponse#freshness}, in nanoseconds
     */
    static HeadWriter begin(HeadWriter head, StoredResponse stored, int status, CacheStatus told, long now) {
        FieldList fields = stored.fields();
        head.begin(status);
        boolean dated = status == 304 && NotModified.needsDate(fields);
        String cacheStatus = null;
        boolean saysRanges = status != 200;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            String value = fields.value(i);
            if (status == 304 && !NotModified.isRepeated(name, dated)) {
                continue;
            }
            if (name.equalsIgnoreCase("Cache-Status")) {
                cacheStatus = ListField.added(cacheStatus, value);
            } else if (!isLeftOut(name, status)) {
                saysRanges |= name.equalsIgnoreCase("Accept-Ranges");
                head.line(name, value);
            }
        }
        head.line("Cache-Status", ListField.added(cacheStatus, told.toString()));
        head.line("Age", stored.freshness().ageSeconds(now));
        return saysRanges ? head : head.line("Accept-Ranges", "bytes");
    }

    /** What is said anew, or belonged to the exchange that was stored. */
    private static boolean isLeftOut(String name, int status) {
        return name.equalsIgnoreCase("Age")
                || name.equalsIgnoreCase("X-Request-Id")
                || (status == 206 && name.equalsIgnoreCase("Content-Range"));
    }
}
