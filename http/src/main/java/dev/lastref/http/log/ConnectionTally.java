package dev.lastref.http.log;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * How connections of clients come to nothing, counted by why: those that are not taken, those that do not get as far as a request, and
 * those that are ended since their client takes too long. What a client says that is no request is {@link Refusals}' business. All
 * threads; nobody waits.
 */
public final class ConnectionTally {
    /** Why a connection is closed as soon as it is there. */
    public enum Refused {
        /** lastref.limits.connections. */
        TOTAL,
        /** lastref.limits.connections-per-peer. */
        PER_PEER,
        /** Connections take as much of the heap as they may; or requests do, and a handshake would need some. */
        MEMORY
    }

    /** Why there is no PROXY header in front of a connection that must have one. */
    public enum ProxyHeader {
        /** What is there is none. */
        MALFORMED,
        /** It has not come within lastref.limits.head-timeout. */
        TIMEOUT,
        /** The other side has ended the connection first. */
        CLOSED
    }

    /** Why a TLS handshake has failed. */
    public enum Handshake {
        /** What the client says is not TLS, or nothing that both speak: no version, no cipher suite. */
        PROTOCOL,
        /** The client does not take the certificate: it says so, by an alert. */
        CERTIFICATE,
        /** It was not complete within lastref.limits.head-timeout. */
        TIMEOUT,
        /** The client has ended the connection, and has not said why. */
        CLOSED
    }

    /** For what a client has taken too long. */
    public enum TimedOut {
        /** To say anything between requests, or before the first: lastref.limits.idle-timeout. */
        IDLE,
        /** For a head that it has begun: lastref.limits.head-timeout. */
        SLOW_HEAD,
        /** For a request's content: lastref.limits.body-timeout. By HTTP/2 only its stream ends. */
        SLOW_BODY
    }

    private final Counts<Refused> refused = new Counts<>(Refused.class);
    private final Counts<ProxyHeader> proxyHeaders = new Counts<>(ProxyHeader.class);
    private final Counts<Handshake> handshakes = new Counts<>(Handshake.class);
    private final Counts<TimedOut> timedOut = new Counts<>(TimedOut.class);

    /** One was not taken. */
    public void refused(Refused why) {
        refused.add(why);
    }

    /** One had no PROXY header. */
    public void noProxyHeader(ProxyHeader why) {
        proxyHeaders.add(why);
    }

    /** One came to no TLS. */
    public void failedHandshake(Handshake why) {
        handshakes.add(why);
    }

    /** The client of one took too long. */
    public void timedOut(TimedOut forWhat) {
        timedOut.add(forWhat);
    }

    /** Those that were not taken; every reason is there, as in the others. */
    public Map<String, Double> refused() {
        return refused.byReason();
    }

    public Map<String, Double> proxyHeaders() {
        return proxyHeaders.byReason();
    }

    public Map<String, Double> handshakes() {
        return handshakes.byReason();
    }

    public Map<String, Double> timedOut() {
        return timedOut.byReason();
    }

    private static final class Counts<R extends Enum<R>> {
        private final Map<R, LongAdder> counts;

        Counts(Class<R> reasons) {
            counts = new EnumMap<>(reasons);
            for (R reason : reasons.getEnumConstants()) {
                counts.put(reason, new LongAdder());
            }
        }

        void add(R reason) {
            LongAdder counter = counts.get(reason);
            if (counter != null) {
                counter.increment();
            }
        }

        Map<String, Double> byReason() {
            Map<String, Double> all = new LinkedHashMap<>();
            counts.forEach((reason, count) -> all.put(reason.name().toLowerCase(Locale.ROOT), (double) count.sum()));
            return all;
        }
    }
}
