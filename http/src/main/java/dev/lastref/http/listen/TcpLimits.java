package dev.lastref.http.listen;

import dev.lastref.http.message.AddressText;
import dev.lastref.pool.linux.ListeningSocket;
import dev.lastref.pool.linux.NativeException;
import dev.lastref.pool.linux.TcpOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Bounds what one client can pin, by an option on the listening socket that every accepted connection inherits: TCP_NOTSENT_LOWAT, above
 * which the kernel takes no more unsent bytes.
 *
 * <p>How long it can is bounded by the pool's ledger, which resets who makes no progress, and for connections that were closed here by
 * the kernel itself. TCP_USER_TIMEOUT is not set: it would end readers that are slow and move, since a window that is closed opens only
 * when a whole segment, 64 KiB on loopback, or a sixteenth of the buffer was read.
 *
 * @param unsentLimit bytes
 */
public record TcpLimits(int unsentLimit) {
    /**
     * Sets it on the sockets of this process that listen on an address and port.
     *
     * @param local as the socket itself says it
     * @return how many connections at most the kernel had made before, and nobody has accepted yet: they have not inherited it
     * @throws IOException if there is none, or the kernel refuses
     */
    public int applyTo(InetSocketAddress local) throws IOException {
        List<Integer> descriptors = ListeningSocket.descriptors(local);
        if (descriptors.isEmpty()) {
            throw new IOException("found no listening socket of this process for " + AddressText.of(local)
                    + " in /proc/self/net/tcp and tcp6: is /proc mounted?");
        }
        int before = 0;
        for (int descriptor : descriptors) {
            TcpOption.TCP_NOTSENT_LOWAT.set(descriptor, unsentLimit);
            before += ListeningSocket.waiting(descriptor);
        }
        return before;
    }

    /**
     * Sets it on the connections themselves that were accepted on a port.
     *
     * @throws IOException if it is not known which those are
     */
    void applyToAccepted(int port) throws IOException {
        for (int descriptor : ListeningSocket.accepted(port)) {
            try {
                TcpOption.TCP_NOTSENT_LOWAT.set(descriptor, unsentLimit);
            } catch (NativeException closedMeanwhile) {
                // and whoever has the descriptor now has no such option, or is a connection too
            }
        }
    }
}
