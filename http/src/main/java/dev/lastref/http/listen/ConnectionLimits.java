package dev.lastref.http.listen;

import dev.lastref.http.message.Networks;
import java.net.InetAddress;

/**
 * How many connections clients may have open.
 *
 * @param total of all
 * @param perPeer of one address
 * @param exempt whose connections are many clients': proxies
 */
public record ConnectionLimits(int total, int perPeer, Networks exempt) {
    static final ConnectionLimits NONE =
            new ConnectionLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Networks.of("none"));

    /** Whether those of an address are counted. */
    boolean counts(InetAddress peer) {
        return perPeer != Integer.MAX_VALUE && !exempt.contains(peer);
    }
}
