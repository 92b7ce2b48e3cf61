package dev.lastref.http.listen;

import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.RequestScanner;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.StreamSourceConduit;

/**
 * What a client sends, up to the first byte that is wrong: the server's parser never sees that one. A fault in a request's head is
 * answered from here, once the server has answered what came before and asks for more; who reads content asks {@link #scanner()}
 * why no more of it comes.
 *
 * <p>For the connection's I/O thread.
 */
public final class StrictSource extends AbstractStreamSourceConduit<StreamSourceConduit> {
    private final StreamConnection connection;
    private final ClientConnection client;
    private final RequestScanner scanner = new RequestScanner();
    private boolean refused;
    /** What was read before this was there. */
    private @Nullable PooledByteBuffer first;

    private StrictSource(StreamConnection connection, ClientConnection client, @Nullable PooledByteBuffer first) {
        super(connection.getSourceChannel().getConduit());
        this.connection = connection;
        this.client = client;
        this.first = first;
    }

    /**
     * Puts it in front of a connection on which no request has been read.
     *
     * @param first what has been read of it already, if anything has; freed by this
     */
    static void install(StreamConnection connection, ClientConnection client, @Nullable PooledByteBuffer first) {
        StrictSource made = new StrictSource(connection, client, first);
        connection.getSourceChannel().setConduit(made);
        client.readThrough(made);
    }

    /** The one that an exchange's request came through; null if its connection was opened without. */
    public static @Nullable StrictSource of(HttpServerExchange exchange) {
        return exchange.getConnection() instanceof AbstractServerConnection connection
                        && connection.getOriginalSourceConduit() instanceof StrictSource source
                ? source
                : null;
    }

    public RequestScanner scanner() {
        return scanner;
    }

    ClientConnection client() {
        return client;
    }

    /** Whether all that came was whole requests. */
    boolean isBetweenRequests() {
        return scanner.isBetweenRequests();
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        if (scanner.fault() != null) {
            // Once the server has ended what it says, it only looks for the end of what the client does.
            return connection.getSinkChannel().getConduit().isWriteShutdown() ? super.read(buffer) : fail(buffer);
        }
        int from = buffer.position();
        int n = first == null ? super.read(buffer) : readFirst(buffer, first);
        if (n <= 0) {
            return n;
        }
        int end = scanner.scan(buffer, from, from + n);
        buffer.position(end);
        // What is wrong is said when the server asks for more: by then it has dealt with what was right.
        return end > from || scanner.fault() == null ? end - from : fail(buffer);
    }

    private int readFirst(ByteBuffer buffer, PooledByteBuffer from) {
        ByteBuffer bytes = from.getBuffer();
        int n = Math.min(bytes.remaining(), buffer.remaining());
        int limit = bytes.limit();
        buffer.put(bytes.limit(bytes.position() + n));
        bytes.limit(limit);
        if (!bytes.hasRemaining()) {
            freeFirst();
        }
        return n;
    }

    private void freeFirst() {
        PooledByteBuffer mine = first;
        first = null;
        if (mine != null) {
            mine.close();
        }
    }

    @Override
    public void terminateReads() throws IOException {
        freeFirst();
        super.terminateReads();
    }

    /** Drops what comes. */
    private int fail(ByteBuffer buffer) throws IOException {
        FramingFault fault = scanner.fault();
        if (fault != null && scanner.isFaultInHead() && !refused) {
            refused = true;
            // After the server has gone back to waiting: it would take the connection's state for its own.
            client.execute(() -> FaultyHead.refuse(connection, next, fault));
            return 0;
        }
        int from = buffer.position();
        int n = super.read(buffer);
        buffer.position(from);
        return Math.min(n, 0);
    }

    /** A fault behind what was read already: the socket may have nothing more to wake anybody with. */
    @Override
    public void resumeReads() {
        if (first != null || (scanner.isFaultInHead() && !refused)) {
            wakeupReads();
        } else {
            super.resumeReads();
        }
    }

    @Override
    public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i].hasRemaining()) {
                return read(buffers[i]);
            }
        }
        return 0;
    }

    @Override
    public long transferTo(long position, long count, FileChannel target) throws IOException {
        return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
    }

    @Override
    public long transferTo(long count, ByteBuffer throughBuffer, StreamSinkChannel target) throws IOException {
        return IoUtils.transfer(new ConduitReadableByteChannel(this), count, throughBuffer, target);
    }
}
