package dev.lastref.samples.blobstore;

import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A line, and behind it a blob or nothing, on its way to a client. Owns the transmission, and closes it. */
final class Answer implements AutoCloseable {
    /** Above it, sendfile costs less than copying; as in {@code PoolConfig}, shorter blobs are not even laid out in pages. */
    private static final int SENDFILE_MIN = 8 * 1024;

    /** A fast client is left alone after so many bytes, for the others to get their turn. */
    private static final long A_TURN = 1024 * 1024;

    private final ByteBuffer line;
    private final @Nullable Transmission blob;

    private Answer(String line, @Nullable Transmission blob) {
        this.line = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        this.blob = blob;
    }

    static Answer of(String line) {
        return new Answer(line, null);
    }

    static Answer of(Transmission blob) {
        return new Answer("BLOB " + blob.available(), blob);
    }

    /** Sends what the client takes now; returns whether that was the end of it. The place is kept in the transmission. */
    boolean send(SocketChannel client) throws IOException {
        client.write(line);
        if (line.hasRemaining()) {
            return false;
        }
        if (blob == null) {
            return true;
        }
        if (blob.available() >= SENDFILE_MIN) {
            // sendfile(2): the kernel takes the file's own pages. FileChannel calls it with the position that it is
            // given.
            blob.transferTo((file, position, count) -> file.transferTo(position, Math.min(count, A_TURN), client));
        } else {
            blob.advance(client.write(blob.peek(SENDFILE_MIN)));
        }
        return blob.available() == 0;
    }

    /** Ends the send, complete or not. */
    @Override
    public void close() {
        if (blob != null) {
            blob.close();
        }
    }
}
