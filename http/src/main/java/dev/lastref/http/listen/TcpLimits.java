package dev.lastref.http.listen;

import dev.lastref.pool.linux.ListeningSocket;
import dev.lastref.pool.linux.TcpOption;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Bounds what one client can pin, by two options on the listening socket that every accepted connection inherits:
 * TCP_NOTSENT_LOWAT, above which the kernel takes no more unsent bytes, and TCP_USER_TIMEOUT, after which a peer that acknowledges
 * nothing, or keeps its window closed, is reset.
 *
 * <p>The second is longer than the pin timeout. Whoever is still ours is reset by the pool's ledger, which can say whom and why; the
 * kernel's timeout is for connections that were closed here and whose peer does not take what is left. It must also spare who is slow:
 * a window opens only when the receiver has read a whole segment, which is 64 KiB on loopback, and that may take a slow one long.
 *
 * @param unsentLimit bytes
 * @param pinTimeout how long a connection that is ours may hold pages without progress
 */
public record TcpLimits(int unsentLimit, Duration pinTimeout) {
    private static final Duration LEAST_MARGIN = Duration.ofSeconds(30);

    /** How long the kernel waits: twice the pin timeout, and at least 30 s more. */
    public Duration userTimeout() {
        return pinTimeout.plus(pinTimeout.compareTo(LEAST_MARGIN) > 0 ? pinTimeout : LEAST_MARGIN);
    }

    /**
     * Sets them on the sockets of this process that listen on a port.
     *
     * @throws IOException if there is none, or the kernel refuses
     */
    public void applyTo(int port) throws IOException {
        List<Integer> descriptors = ListeningSocket.descriptors(port);
        if (descriptors.isEmpty()) {
            throw new IOException("found no listening socket of this process for port " + port
                    + " in /proc/self/net/tcp and tcp6: is /proc mounted?");
        }
        for (int descriptor : descriptors) {
            TcpOption.TCP_NOTSENT_LOWAT.set(descriptor, unsentLimit);
            TcpOption.TCP_USER_TIMEOUT.set(
                    descriptor, (int) Math.min(Integer.MAX_VALUE, userTimeout().toMillis()));
        }
    }
}
