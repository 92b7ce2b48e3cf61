package dev.lastref.http.origin;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.ssl.SslConnection;

/**
 * One connection to the origin. It is read and written only on its I/O thread, and by one at a time: a call, or
 * {@link OriginConnections} while it waits for the next.
 */
final class OriginConnection {
    private final StreamConnection connection;
    private final @Nullable OriginTls tls;
    private final @Nullable TransportEnd transportEnd;
    private final ByteBuffer one = ByteBuffer.allocate(1);

    /**
     * @param tls that is spoken on it; null: none is
     * @param transportEnd of what is under TLS; null: there is no TLS
     */
    OriginConnection(StreamConnection connection, @Nullable OriginTls tls, @Nullable TransportEnd transportEnd) {
        this.connection = connection;
        this.tls = tls;
        this.transportEnd = transportEnd;
    }

    /** What there is after a response that is complete. */
    enum Rest {
        /** Nothing: the connection can take the next request. */
        NOTHING,
        /** The end of the stream. */
        CLOSED,
        /** Bytes that nobody asked for. */
        BYTES
    }

    XnioIoThread thread() {
        return connection.getIoThread();
    }

    /** Tells when the TLS handshake on it is done. On its I/O thread. */
    void whenSecured(Runnable done) {
        if (connection instanceof SslConnection secured) {
            secured.getHandshakeSetter().set(same -> thread().execute(done));
        }
    }

    /** Whether a stream that has ended was cut off, as far as can be seen: TLS was not closed before its transport was. */
    boolean wasCutOff() {
        return transportEnd != null && transportEnd.hasCome();
    }

    /** Why the origin was not believed, if that is what has ended it; else null. */
    @Nullable
    String mistrust() {
        return tls == null ? null : tls.refusal(connection);
    }

    StreamConnection channel() {
        return connection;
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    /** Who is told when there is something to read, and when it can be written again. */
    void listen(Runnable readable, Runnable writable) {
        connection.getSourceChannel().setReadListener(ready -> readable.run());
        connection.getSinkChannel().setWriteListener(ready -> writable.run());
    }

    int read(ByteBuffer buffer) throws IOException {
        return connection.getSourceChannel().read(buffer);
    }

    void resumeReads() {
        connection.getSourceChannel().resumeReads();
    }

    void suspendReads() {
        connection.getSourceChannel().suspendReads();
    }

    int write(ByteBuffer buffer) throws IOException {
        return connection.getSinkChannel().write(buffer);
    }

    void resumeWrites() {
        connection.getSinkChannel().resumeWrites();
    }

    void suspendWrites() {
        connection.getSinkChannel().suspendWrites();
    }

    /** Looks what is there, without waiting. A byte that is there is lost. */
    Rest rest() {
        try {
            one.clear();
            int read = read(one);
            return read == 0 ? Rest.NOTHING : read < 0 ? Rest.CLOSED : Rest.BYTES;
        } catch (IOException broken) {
            return Rest.CLOSED; // what came before was complete
        }
    }

    /** Closes at once. */
    void close() {
        IoUtils.safeClose(connection);
    }
}
