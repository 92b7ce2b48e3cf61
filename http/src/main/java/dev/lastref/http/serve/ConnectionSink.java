package dev.lastref.http.serve;

import dev.lastref.cache.BodySink;
import dev.lastref.pool.Peer;
import dev.lastref.pool.Transmission;
import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

/**
 * A client's connection as the place where content goes.
 *
 * <p>The first bytes are always written from the mapping: that puts them into one packet with the response's head, and the server's
 * response conduit must have flushed the head before it can send from a file that others send from too (until then it reads at the
 * channel's own position). After that, what is at least {@code sendfileMin} goes by sendfile, unless the response is chunked, where
 * the chunks' heads would have to come between.
 */
final class ConnectionSink implements BodySink {
    /** Bounds what one write copies into the socket, so that the unsent limit can stop it. */
    private static final int LARGEST_COPY = 128 * 1024;
    /** What goes with the head of a response whose rest goes by sendfile: a few bytes more cost nothing in a call that is needed. */
    private static final int WITH_HEAD = 8 * 1024;

    private final StreamSinkChannel channel;
    private final int sendfileMin;
    private final boolean chunked;
    private final @Nullable Peer peer;
    private boolean headSent;
    private @Nullable Transmission swappedOut;

    /**
     * @param peer the connection, as the pool's ledger knows it
     */
    private ConnectionSink(StreamSinkChannel channel, int sendfileMin, boolean chunked, @Nullable Peer peer) {
        this.channel = channel;
        this.sendfileMin = sendfileMin;
        this.chunked = chunked;
        this.peer = peer;
    }

    /**
     * The one of an exchange. Where bytes are encrypted or framed on their way, all are copied.
     *
     * @param sendfileMin bytes from which content is sent with sendfile where it can be
     */
    static ConnectionSink of(
            HttpServerExchange exchange,
            StreamSinkChannel channel,
            int sendfileMin,
            boolean chunked,
            @Nullable Peer peer) {
        boolean plain = exchange.getConnection() instanceof AbstractServerConnection connection
                && connection.getSslSession() == null;
        return new ConnectionSink(channel, plain ? sendfileMin : Integer.MAX_VALUE, chunked, peer);
    }

    StreamSinkChannel channel() {
        return channel;
    }

    @Override
    public boolean send(Transmission transmission) throws IOException {
        if (peer != null) {
            transmission.to(peer);
        }
        for (long left = transmission.available(); left > 0; left = transmission.available()) {
            long resident = transmission.residentBytes();
            if (resident == 0) {
                swappedOut = transmission;
                return false;
            }
            boolean byFile = left >= sendfileMin || transmission.sentBytes() > 0; // what began so goes on so
            boolean sentByFile = headSent && !chunked && byFile;
            boolean goesOn = sentByFile
                    ? transmission.transferTo(channel::transferFrom, resident) >= resident // else the socket is full
                    : copy(transmission, resident) > 0;
            if (!goesOn) {
                return false;
            }
        }
        return true;
    }

    /**
     * What kept the last send from going on, if that was not the connection: its next bytes are in swap, and a thread that may wait
     * shall {@linkplain Transmission#bringIn bring them in}. Answers once.
     */
    @Nullable
    Transmission takeSwappedOut() {
        Transmission taken = swappedOut;
        swappedOut = null;
        return taken;
    }

    private int copy(Transmission transmission, long resident) throws IOException {
        boolean restBySendfile = !headSent && !chunked && transmission.available() >= sendfileMin;
        int sent =
                channel.write(transmission.peek((int) Math.min(resident, restBySendfile ? WITH_HEAD : LARGEST_COPY)));
        headSent |= sent > 0;
        transmission.advance(sent);
        return sent;
    }

    @Override
    public boolean send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int sent = channel.write(bytes);
            if (sent == 0) {
                return false;
            }
            headSent = true;
        }
        return true;
    }
}
