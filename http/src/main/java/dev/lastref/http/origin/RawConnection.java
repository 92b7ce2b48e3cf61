package dev.lastref.http.origin;

import io.undertow.client.ClientConnection;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * The connection under Undertow's client, for what that has no way to ask: what an origin sent behind its response, and an end
 * without ceremony. It reads the client's connection field.
 */
final class RawConnection {
    private static final VarHandle CONNECTION;

    static {
        try {
            Class<?> client = Class.forName("io.undertow.client.http.HttpClientConnection");
            CONNECTION = MethodHandles.privateLookupIn(client, MethodHandles.lookup())
                    .findVarHandle(client, "connection", StreamConnection.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private RawConnection() {}

    /** What there is after a response that is complete. */
    enum Rest {
        /** Nothing: the connection can take the next request. */
        NOTHING,
        /** The end of the stream. */
        CLOSED,
        /** Bytes that nobody asked for. */
        BYTES
    }

    /**
     * Closes at once. The client's own close ends the request in order first: chunked content that was cut short would get a last
     * chunk, and look whole to the origin.
     */
    static void breakOff(ClientConnection connection) {
        IoUtils.safeClose((StreamConnection) CONNECTION.get(connection));
    }

    /** Looks, without waiting. Only between two exchanges, on the connection's I/O thread. */
    static Rest restOf(ClientConnection connection) {
        StreamConnection raw = (StreamConnection) CONNECTION.get(connection);
        try {
            int read = raw.getSourceChannel().read(ByteBuffer.allocate(1));
            return read == 0 ? Rest.NOTHING : read < 0 ? Rest.CLOSED : Rest.BYTES;
        } catch (IOException broken) {
            return Rest.CLOSED; // the response was complete before it broke
        }
    }
}
