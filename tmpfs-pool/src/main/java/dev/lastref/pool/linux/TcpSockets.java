package dev.lastref.pool.linux;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel about single TCP sockets of this network namespace by their addresses, whoever owns them: sockets of other processes
 * and orphans, which no process owns any more, are known as well.
 *
 * <p>Whoever opens it closes it. Used by one thread at a time.
 */
public interface TcpSockets extends AutoCloseable {
    /**
     * Opens the best way that this system allows: {@link SockDiag} or, where netlink is denied (a seccomp profile, a kernel without
     * tcp_diag), {@link ProcNetTcp}, which costs more and tells no positions.
     *
     * @throws IOException if there is no descriptor for it: no reason to be content with less from then on
     */
    static TcpSockets open() throws IOException {
        return open(SockDiag.NETLINK_SOCK_DIAG);
    }

    /** As {@link #open()}, with this netlink protocol. */
    static TcpSockets open(int netlinkProtocol) throws IOException {
        try {
            return SockDiag.open(netlinkProtocol);
        } catch (IOException e) {
            if (FileLimit.isReachedBy(e)) {
                throw e;
            }
            System.getLogger(TcpSockets.class.getName())
                    .log(
                            System.Logger.Level.INFO,
                            "who holds pages is read from /proc/net/tcp, at a higher cost and less exactly: {0}",
                            e.getMessage());
            return new ProcNetTcp();
        }
    }

    /** Says that what is asked from now on is to be answered as it is now, or later. */
    default void refresh() throws IOException {}

    /**
     * The socket with these addresses.
     *
     * @return null where there is none, which is an ordinary answer
     * @throws IOException if the kernel did not answer
     */
    @Nullable
    TcpSocketInfo find(InetSocketAddress local, InetSocketAddress remote) throws IOException;

    @Override
    void close();
}
