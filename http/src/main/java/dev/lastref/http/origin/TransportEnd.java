package dev.lastref.http.origin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Stands under TLS and sees whether the transport's stream has ended. TLS ends with a word of its own, close_notify: where the transport
 * ends before it, somebody may have cut the content off (RFC 9112, section 9.8), and what reads the TLS side is not told. For one
 * connection, on its I/O thread.
 */
final class TransportEnd extends AbstractStreamSourceConduit<StreamSourceConduit> {
    private boolean come;

    private TransportEnd(StreamSourceConduit next) {
        super(next);
    }

    /** Puts one under whatever comes on top of a connection. */
    static TransportEnd under(StreamConnection connection) {
        TransportEnd end = new TransportEnd(connection.getSourceChannel().getConduit());
        connection.getSourceChannel().setConduit(end);
        return end;
    }

    /** Whether the end has come: before close_notify, if the TLS side was at its end only by then. */
    boolean hasCome() {
        return come;
    }

    private long seen(long read) {
        come |= read < 0;
        return read;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return (int) seen(super.read(into));
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        return seen(super.read(into, offset, length));
    }

    @Override
    public long transferTo(long position, long count, FileChannel target) throws IOException {
        return seen(super.transferTo(position, count, target));
    }

    @Override
    public long transferTo(long count, ByteBuffer through, StreamSinkChannel target) throws IOException {
        return seen(super.transferTo(count, through, target));
    }
}
