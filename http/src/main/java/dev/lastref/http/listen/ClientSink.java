package dev.lastref.http.listen;

import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * What a client is sent, with room for interim responses in front of the one that the server sends (RFC 9110, section 15.2), which the
 * server has no way to send itself. What the socket does not take of one goes before everything that follows.
 *
 * <p>For the connection's I/O thread.
 */
public final class ClientSink extends AbstractStreamSinkConduit<StreamSinkConduit> {
    /** A client that takes none of them is not sent more. */
    private static final int MOST_WAITING = 64 * 1024;

    private @Nullable ByteBuffer waiting;

    private ClientSink(StreamSinkConduit next) {
        super(next);
    }

    /** Puts it behind a connection that has just been accepted. */
    static ClientSink install(StreamConnection connection) {
        ClientSink made = new ClientSink(connection.getSinkChannel().getConduit());
        connection.getSinkChannel().setConduit(made);
        return made;
    }

    /** The one that an exchange's response goes through; null if its connection was opened without. */
    public static @Nullable ClientSink of(HttpServerExchange exchange) {
        return exchange.getConnection() instanceof AbstractServerConnection connection
                        && connection.getOriginalSinkConduit() instanceof ClientSink sink
                ? sink
                : null;
    }

    /** Sends an interim response. Only while the exchange's own has not begun. */
    public void interim(ByteBuffer response) {
        ByteBuffer before = waiting;
        int length = before == null ? 0 : before.remaining();
        if (length + response.remaining() > MOST_WAITING) {
            return;
        }
        ByteBuffer all = response;
        if (before != null) {
            all = ByteBuffer.allocate(length + response.remaining());
            all.put(before).put(response).flip();
        }
        waiting = all;
        try {
            isClear();
        } catch (IOException clientIsGone) {
            // whoever writes the response will see it
        }
    }

    /** Whether nothing has to go before what comes next. */
    private boolean isClear() throws IOException {
        ByteBuffer first = waiting;
        if (first == null) {
            return true;
        }
        while (first.hasRemaining()) {
            if (next.write(first) == 0) {
                return false;
            }
        }
        waiting = null;
        return true;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return isClear() ? next.write(bytes) : 0;
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
        return isClear() ? next.write(bytes, offset, length) : 0;
    }

    @Override
    public int writeFinal(ByteBuffer bytes) throws IOException {
        return isClear() ? next.writeFinal(bytes) : 0;
    }

    @Override
    public long writeFinal(ByteBuffer[] bytes, int offset, int length) throws IOException {
        return isClear() ? next.writeFinal(bytes, offset, length) : 0;
    }

    @Override
    public long transferFrom(FileChannel source, long position, long count) throws IOException {
        return isClear() ? next.transferFrom(source, position, count) : 0;
    }

    @Override
    public long transferFrom(StreamSourceChannel source, long count, ByteBuffer through) throws IOException {
        if (isClear()) {
            return next.transferFrom(source, count, through);
        }
        through.limit(through.position());
        return 0;
    }

    @Override
    public boolean flush() throws IOException {
        return isClear() && next.flush();
    }
}
