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
 * @param unsentLimit bytes
 * @param pinTimeout how long without progress
 */
public record TcpLimits(int unsentLimit, Duration pinTimeout) {
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
            TcpOption.TCP_USER_TIMEOUT.set(descriptor, (int) pinTimeout.toMillis());
        }
    }
}
