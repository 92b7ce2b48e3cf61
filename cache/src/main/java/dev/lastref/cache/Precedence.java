package dev.lastref.cache;

import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.cache.semantics.Validators;

/**
 * Which of two responses to the same request is to be stored: the more recent one (RFC 9111, section 4), whichever came to its end
 * first; but a part does not displace the whole that it seems to be of.
 *
 * <p>Of two that the origin was asked for at the same time, none can be told by when it was asked and when it answered alone:
 *
 * <pre>
 *  one    asked ────── head               one    asked ────────────── head
 *  other       asked ────── head          other       asked ── head
 *         the other is more recent              their Dates decide
 * </pre>
 */
final class Precedence {
    private static final int OK = 200;

    private Precedence() {}

    /** Whether the other is more recent than this one. */
    static boolean isOlder(FieldList head, Freshness freshness, StoredResponse other) {
        boolean askedBefore = other.freshness().wasAskedForAfter(freshness);
        boolean cameBefore = other.freshness().arrivedAfter(freshness);
        if (askedBefore == cameBefore) {
            return askedBefore;
        }
        long date = HttpDates.parse(head.first("Date"), 0);
        long others = HttpDates.parse(other.fields().first("Date"), 0);
        boolean told = date != HttpDates.ABSENT && others != HttpDates.ABSENT && date != others;
        return told ? date < others : askedBefore;
    }

    /** Whether what is there stays, and the one that has come to its end now is not stored. */
    static boolean stays(StoredResponse there, ResponseIndex.Deposited arrived, long nowNanos) {
        boolean part = there.part() != null;
        ContentRange arrivedPart = arrived.part();
        int statusOfWhole = part ? arrived.head().status() : there.status();
        if (part != (arrivedPart != null)
                && statusOfWhole == OK
                && there.completeLength()
                        == (arrivedPart == null ? arrived.head().length() : arrivedPart.completeLength())) {
            Validators its = Validators.of(there.fields());
            Validators others = Validators.of(arrived.head().fields());
            boolean agree = !its.contradict(others);
            boolean same = agree && its.shareOneWith(others);
            if (part && same) {
                return false;
            }
            if (!part && (same || (agree && there.freshness().isFresh(nowNanos)))) {
                return true;
            }
        }
        return isOlder(arrived.head().fields(), arrived.freshness(), there);
    }
}
