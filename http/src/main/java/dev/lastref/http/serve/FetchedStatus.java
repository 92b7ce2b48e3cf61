package dev.lastref.http.serve;

import dev.lastref.cache.BypassReason;
import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.Freshness;
import java.util.concurrent.TimeUnit;

/** What is told of an answer that came from the origin: to the client, and to those who count. */
final class FetchedStatus {
    private FetchedStatus() {}

    /**
     * For Cache-Status (RFC 9211).
     *
     * @param sent the status that the client gets; that of the origin is told where it is another one
     */
    static CacheStatus of(ServeContext context, Incoming incoming, Attempt attempt, FetchReader reader, int sent) {
        Fetch fetch = reader.fetch();
        CacheStatus status = begun(attempt, reader);
        ResponseHead arrived = reader.head();
        if (arrived != null && arrived.status() != sent) {
            status.forwardStatus(arrived.status());
        }
        Freshness stored = fetch.freshness();
        boolean kept = fetch.isKept();
        if (stored != null && kept) {
            status.stored().ttl(TimeUnit.NANOSECONDS.toSeconds(stored.remainingNanos(context.now())));
        }
        context.describe(status, incoming);
        BypassReason bypass = fetch.bypass();
        if (bypass != null) {
            status.detail("pool-" + bypass.label().replace('_', '-'));
        } else if (fetch.refusal() != null) {
            status.detail(fetch.refusal().token());
        } else if (stored != null && !kept) {
            status.detail("superseded");
        }
        return status;
    }

    /**
     * The same, where what came is not for the client, and what is stored answers.
     *
     * @param status that the origin answered with
     */
    static CacheStatus ofOther(
            ServeContext context,
            Incoming incoming,
            Attempt attempt,
            FetchReader reader,
            int status,
            StoredResponse stored) {
        CacheStatus other = begun(attempt, reader).forwardStatus(status);
        if (reader.fetch().isKept()) {
            other.stored();
        }
        context.describe(other.ttl(Reuses.ttl(context, stored)), incoming);
        return other;
    }

    /** The same, of a fetch that failed. */
    static CacheStatus ofFailure(
            ServeContext context, Incoming incoming, Attempt attempt, FetchReader reader, FetchFailure why) {
        CacheStatus status = begun(attempt, reader);
        context.describe(status, incoming);
        return status.detail(why.token());
    }

    private static CacheStatus begun(Attempt attempt, FetchReader reader) {
        CacheStatus status = CacheStatus.forward(attempt.why());
        return reader.isLeader() ? status : status.collapsed();
    }

    /** As requests are counted. */
    static Outcome outcome(Attempt attempt, FetchReader reader) {
        if (!reader.isLeader()) {
            return Outcome.COALESCED;
        }
        if (attempt.asked().key() == null || reader.fetch().refusal() != null) {
            return Outcome.PASS;
        }
        return reader.fetch().bypass() != null ? Outcome.BYPASS : Outcome.MISS;
    }
}
