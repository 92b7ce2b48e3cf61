package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.Credentials;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.cache.semantics.Validators;
import org.jspecify.annotations.Nullable;

/**
 * What a head that has come from the origin means to those who wait for it.
 *
 * @param meaning what is to be done
 * @param head as it came, with a Date
 * @param substitute the stored response that answers instead, for SUBSTITUTE
 */
record Verdict(Meaning meaning, ResponseHead head, @Nullable Substitute substitute) {
    /** What is to be done. */
    enum Meaning {
        /** It is the response: its content is to be followed. */
        FOLLOW,
        /** A stored response answers. */
        SUBSTITUTE,
        /** It is about a stored response that is of no use: the origin is to be asked again, for all of it. */
        ASK_AGAIN
    }

    private static final int NOT_MODIFIED = 304;
    /** What nobody wants is read to its end if it is no longer than this, so that the connection can be used again. */
    private static final long WORTH_DRAINING = 64 * 1024;

    /**
     * Judges a head, and has the store freshened by it where it says something of what is stored.
     *
     * @param method of the request that the origin answered
     * @param began when the origin was asked
     */
    static Verdict of(
            ResponseCache cache,
            Asked asked,
            String method,
            ResponseHead received,
            Freshener.Times times,
            Began began) {
        ResponseHead head = dated(received, times);
        StoredResponse stored = asked.stored();
        CacheKey key = asked.key();
        if (key != null && stored != null && head.status() == NOT_MODIFIED && isConditional(stored)) {
            StoredResponse answers = cache.freshener().validated(key, asked, stored, head, times, began);
            return answers == null
                    ? new Verdict(Meaning.ASK_AGAIN, head, null)
                    : substitute(head, answers, Substitute.Why.VALIDATED);
        }
        if (key != null && head.status() == NOT_MODIFIED && !asked.variants().isEmpty()) {
            StoredResponse answers = cache.freshener().selected(key, asked, head, times, began);
            return answers == null
                    ? new Verdict(Meaning.ASK_AGAIN, head, null)
                    : substitute(head, answers, Substitute.Why.VALIDATED);
        }
        if (stored != null && isFailure(head.status()) && asked.standsIn(times.responseNanos())) {
            return substitute(head, stored, Substitute.Why.STALE_IF_ERROR);
        }
        if (key != null && method.equals("HEAD") && head.status() == 200) {
            cache.freshener().head(key, asked.request(), head, times, began);
        }
        return new Verdict(Meaning.FOLLOW, head, null);
    }

    private static Verdict substitute(ResponseHead head, StoredResponse stored, Substitute.Why why) {
        return new Verdict(Meaning.SUBSTITUTE, head, new Substitute(stored, why, head.status()));
    }

    /** A response that comes without a Date gets the time of its arrival (RFC 9110, section 6.6.1). */
    private static ResponseHead dated(ResponseHead received, Freshener.Times times) {
        if (received.fields().contains("Date")) {
            return received;
        }
        String date = HttpDates.format(Math.floorDiv(times.epochMillis(), 1000L));
        FieldList fields = received.fields().toBuilder().add("Date", date).build();
        return new ResponseHead(received.status(), fields, received.length());
    }

    private static boolean isConditional(StoredResponse stored) {
        return !Validators.of(stored.fields()).isEmpty();
    }

    /** What RFC 5861, section 4, calls an error. */
    private static boolean isFailure(int status) {
        return status == 500 || status == 502 || status == 503 || status == 504;
    }

    /**
     * Whether the stored response that the origin was asked about is to be given up although nothing takes its place: it is stale, and the
     * origin has said, by no failure, that another answer is right now. A refusal of who asks says nothing to others.
     *
     * @param method of the request that the origin answered
     */
    boolean endsStored(Asked asked, String method, long nowNanos) {
        StoredResponse stored = asked.stored();
        return meaning == Meaning.FOLLOW
                && stored != null
                && method.equals("GET")
                && (stored.terms().alwaysValidated() || !stored.freshness().isFresh(nowNanos))
                && isAnswer(head.status())
                && !(isForWhoAsks(head.status()) && Credentials.areIn(asked.request()));
    }

    private static boolean isAnswer(int status) {
        return (status >= 200 && status < 400 && status != NOT_MODIFIED)
                || status == 404
                || status == 410
                || isForWhoAsks(status);
    }

    private static boolean isForWhoAsks(int status) {
        return status == 401 || status == 403;
    }

    /** Whether content that nobody follows is to be read to its end. */
    boolean isWorthDraining() {
        return meaning != Meaning.FOLLOW && head.hasKnownLength() && head.length() <= WORTH_DRAINING;
    }
}
