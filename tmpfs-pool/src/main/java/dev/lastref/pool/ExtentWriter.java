package dev.lastref.pool;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one extent, front to back, while readers already follow what is published.
 *
 * <p>It owns the extent until {@link #commit} or {@link #abort}, one of which is called exactly once. One thread at a time.
 */
public final class ExtentWriter {
    /** The first reservation of a body of unknown length; each next one doubles. */
    private static final int FIRST_CHUNK = 32 * 1024;

    private static final int LARGEST_CHUNK = 1024 * 1024;
    private static final long UNKNOWN = -1;

    private final TmpfsPool pool;
    private final Extent extent;
    private final Placement placement;
    private final long length;
    private long reserved;
    private long written;
    private int nextChunk = FIRST_CHUNK;
    private boolean finished;

    private ExtentWriter(TmpfsPool pool, long length, long expiresNanos) {
        this.pool = pool;
        this.extent = new Extent(pool, expiresNanos);
        this.placement = extent.openPlacement();
        this.length = length;
    }

    static @Nullable ExtentWriter ofLength(TmpfsPool pool, long length, long expiresNanos) {
        ExtentWriter writer = new ExtentWriter(pool, length, expiresNanos);
        if (!pool.reserve(writer.placement, length)) {
            return null;
        }
        writer.reserved = length;
        return writer;
    }

    static @Nullable ExtentWriter ofUnknownLength(TmpfsPool pool, long expiresNanos) {
        ExtentWriter writer = new ExtentWriter(pool, UNKNOWN, expiresNanos);
        return writer.reserveNextChunk() ? writer : null;
    }

    /** What is being written. To read it, begin a transmission. */
    public Extent extent() {
        return extent;
    }

    /** Bytes written and published so far. */
    public long written() {
        return written;
    }

    /**
     * Writes and publishes the buffer's remaining bytes, or as many of them as the pool has room for.
     *
     * @return whether all of them were taken; false: the pool is full, the buffer's position says how far it went, and the writer
     *     can be tried again or aborted
     * @throws IllegalArgumentException if they exceed the length that was announced
     */
    public boolean append(ByteBuffer bytes) throws IOException {
        checkUnfinished();
        if (length != UNKNOWN && bytes.remaining() > length - written) {
            throw new IllegalArgumentException(bytes.remaining() + " bytes more than the " + length
                    + " announced, of which " + written + " are written");
        }
        try {
            while (bytes.hasRemaining()) {
                if (written == reserved && !reserveNextChunk()) {
                    return false;
                }
                writeWithinSlice(bytes);
            }
            return true;
        } finally {
            extent.publish(written);
        }
    }

    private void writeWithinSlice(ByteBuffer bytes) throws IOException {
        Slice slice = placement.sliceAt(written);
        int limit = bytes.limit();
        bytes.limit(bytes.position() + (int) Math.min(bytes.remaining(), slice.end() - written));
        try {
            written += slice.segment().file().channel().write(bytes, slice.offsetOf(written));
        } finally {
            bytes.limit(limit);
        }
    }

    /**
     * Ends the extent with the bytes written so far and hands its ownership to the caller, who releases it.
     *
     * @throws IllegalStateException if a length was announced and is not reached
     */
    public Extent commit() {
        checkUnfinished();
        if (length != UNKNOWN && written != length) {
            throw new IllegalStateException("commit at " + written + " of the " + length + " bytes announced");
        }
        finished = true;
        if (written < reserved) {
            pool.trim(placement, written);
        }
        extent.complete();
        return extent;
    }

    /** Gives the extent up. Transmissions that follow it can still read what was published. */
    public void abort() {
        checkUnfinished();
        finished = true;
        extent.release();
    }

    private boolean reserveNextChunk() {
        if (length != UNKNOWN) {
            throw new IllegalStateException("all " + length + " bytes are written");
        }
        int granted = pool.reserveSome(placement, reserved, nextChunk);
        reserved += granted;
        nextChunk = Math.min(LARGEST_CHUNK, nextChunk * 2);
        return granted > 0;
    }

    private void checkUnfinished() {
        if (finished) {
            throw new IllegalStateException("committed or aborted already");
        }
    }
}
