package dev.lastref.http.log;

import java.net.InetAddress;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are refused before anybody looks for an answer, counted by why. Of those that no exchange is made for, the log is
 * told here. All threads; nobody waits.
 */
public final class Refusals {
    private final Map<Refusal, LongAdder> counts = new EnumMap<>(Refusal.class);
    private final @Nullable RequestLog log;

    /**
     * @param log null: nobody is told
     */
    public Refusals(@Nullable RequestLog log) {
        this.log = log;
        for (Refusal why : Refusal.values()) {
            counts.put(why, new LongAdder());
        }
    }

    /**
     * What is known of a request that was refused.
     *
     * @param peer who has sent it; null: it is not known any more
     * @param forwardedFor what the peer says of who asks, as {@code X-Forwarded-For}; null: nothing, or nothing that counts
     * @param status that was answered; 0: none was, as where a stream is reset
     * @param bytes of the answer's content
     * @param reason in words
     * @param sent whether the client can have got the answer
     */
    public record Refused(
            @Nullable InetAddress peer,
            @Nullable String forwardedFor,
            @Nullable String method,
            @Nullable String host,
            @Nullable String target,
            @Nullable String protocol,
            int status,
            int bytes,
            String reason,
            boolean sent) {}

    /** One that an exchange tells the log of. */
    public void count(Refusal why) {
        LongAdder counter = counts.get(why);
        if (counter != null) {
            counter.increment();
        }
    }

    /** One that nobody else tells of. */
    public void tell(Refusal why, Refused refused) {
        count(why);
        if (log != null && log.isActive()) {
            InetAddress peer = refused.peer();
            InetAddress client = peer == null ? null : log.client(peer, refused.forwardedFor());
            log.tell(LoggedRequest.of(refused, client, System.currentTimeMillis()));
        }
    }

    /** How many so far; every reason is there. */
    public Map<String, Double> byReason() {
        Map<String, Double> all = new LinkedHashMap<>();
        counts.forEach((why, count) -> all.put(why.label(), (double) count.sum()));
        return all;
    }
}
