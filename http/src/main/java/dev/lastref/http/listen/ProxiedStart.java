package dev.lastref.http.listen;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.message.ProxyHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Reads the PROXY header in front of a connection from a proxy that is trusted to send one, and not a byte more. A connection without
 * one, or with a wrong one, is closed: to guess would let clients name themselves. On the connection's I/O thread.
 */
final class ProxiedStart {
    private static final System.Logger LOG = System.getLogger(ProxiedStart.class.getName());

    private final StreamConnection connection;
    private final ClientConnection client;
    private final Runnable next;
    private final ByteBuffer bytes = ByteBuffer.allocate(ProxyHeader.LONGEST);
    private final ProxyHeader header = new ProxyHeader();
    private XnioExecutor.@Nullable Key timer;

    private ProxiedStart(StreamConnection connection, ClientConnection client, Runnable next) {
        this.connection = connection;
        this.client = client;
        this.next = next;
    }

    /** Reads it, and goes on. */
    static void read(StreamConnection connection, ClientConnection client, Runnable next) {
        ProxiedStart start = new ProxiedStart(connection, client, next);
        try {
            start.timer = connection
                    .getIoThread()
                    .executeAfter(start::late, client.limits().headTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(connection);
            return;
        }
        connection.getSourceChannel().setReadListener(start::readable);
        connection.getSourceChannel().resumeReads();
        start.readable(connection.getSourceChannel());
    }

    private void late() {
        if (connection.isOpen()) {
            end(ConnectionTally.ProxyHeader.TIMEOUT);
        }
    }

    private void readable(ConduitStreamSourceChannel channel) {
        try {
            int needed = header.needed(bytes);
            while (needed > 0) {
                bytes.limit(bytes.position() + needed);
                int n = channel.read(bytes);
                if (n == 0) {
                    return;
                }
                if (n < 0) {
                    end(ConnectionTally.ProxyHeader.CLOSED);
                    return;
                }
                needed = header.needed(bytes);
            }
        } catch (IOException proxyIsGone) {
            end(ConnectionTally.ProxyHeader.CLOSED);
            return;
        }
        String fault = header.fault();
        if (fault != null) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "closed a connection from {0}, which lastref.proxy-protocol trusts to begin with a PROXY header: {1}",
                    client.peer(),
                    fault);
            end(ConnectionTally.ProxyHeader.MALFORMED);
            return;
        }
        stopTimer();
        channel.suspendReads();
        channel.setReadListener(null);
        client.isFor(header.client());
        next.run();
    }

    private void end(ConnectionTally.ProxyHeader why) {
        if (!client.isEndedHere()) {
            client.tally().noProxyHeader(why);
        }
        stopTimer();
        connection.getSourceChannel().suspendReads();
        client.leaves();
    }

    private void stopTimer() {
        XnioExecutor.Key running = timer;
        if (running != null) {
            running.remove();
        }
    }
}
