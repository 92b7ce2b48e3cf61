package dev.lastref.samples.blobstore;

import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The content of one PUT on its way into the pool, or past it where the pool had no room: the bytes are on their way already, and must
 * be read before the next request can be. Ends with {@link #finish} or {@link #abort}.
 */
final class Upload {
    private final String name;
    private final long length;
    private final @Nullable ExtentWriter writer;
    private long missing;

    /**
     * @param writer of that length, owned by this upload from now on; null: the bytes are dropped
     */
    Upload(String name, long length, @Nullable ExtentWriter writer) {
        this.name = name;
        this.length = length;
        this.writer = writer;
        this.missing = length;
    }

    String name() {
        return name;
    }

    long length() {
        return length;
    }

    boolean isComplete() {
        return missing == 0;
    }

    /** Takes what belongs to it from the front of the input. */
    void take(ByteBuffer input) throws IOException {
        int taken = (int) Math.min(input.remaining(), missing);
        if (writer != null) {
            // All the room of an extent of known length is taken when it begins, so the pool never refuses a part of
            // it.
            writer.append(input.slice(input.position(), taken));
        }
        input.position(input.position() + taken);
        missing -= taken;
    }

    /** The blob, whose ownership passes to the caller; null if it was dropped. */
    @Nullable
    Extent finish() {
        return writer == null ? null : writer.commit();
    }

    /** The client has gone half-way. */
    void abort() {
        if (writer != null) {
            writer.abort();
        }
    }
}
