package dev.lastref.http.listen;

import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.Networks;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many connections clients may have open, and what each may do until a request is there.
 *
 * @param total of all
 * @param perPeer of one address
 * @param idle how long one may be silent between two requests
 * @param head how large a request's head may be
 * @param headTimeout within which a head must be complete, from its first byte; and a handshake
 * @param exempt whose connections are many clients': proxies
 * @param memory what all their requests may hold on the heap
 * @param connections what they themselves may hold there
 * @param send how long one may take nothing of an answer that waits for it; null: others look after that, such as the pool's ledger
 */
public record ConnectionLimits(
        int total,
        int perPeer,
        Duration idle,
        HeadLimits head,
        Duration headTimeout,
        Networks exempt,
        HeapShare memory,
        HeapShare connections,
        @Nullable Duration send) {
    /** What those of administrators may hold on the heap, which clients cannot use up. */
    private static final long REQUESTS_OF_ADMINISTRATORS = 4 << 20;

    /** For administrators, as many as come. */
    static ConnectionLimits ofAdministration(Duration headTimeout, Duration send) {
        return new ConnectionLimits(
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Duration.ofSeconds(75),
                HeadLimits.USUAL,
                headTimeout,
                Networks.of("none"),
                HeapShare.apart(REQUESTS_OF_ADMINISTRATORS),
                HeapShare.apart(Long.MAX_VALUE),
                send);
    }

    /** Whether those of an address are counted. */
    boolean counts(InetAddress peer) {
        return perPeer != Integer.MAX_VALUE && !exempt.contains(peer);
    }
}
