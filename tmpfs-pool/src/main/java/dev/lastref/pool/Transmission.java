package dev.lastref.pool;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One send of a range of an extent over one connection. It keeps the extent readable until it is closed, follows an extent that is
 * still being written, and remembers how far it has come.
 *
 * <p>Two ways to send, which may alternate: {@link #transferTo} hands the file to the sink (sendfile), {@link #peek} and
 * {@link #advance} show the bytes in the mapping for the sink to copy. Closing says that user space is done; the kernel may hold
 * the pages for longer, which the segment's seal finds out.
 *
 * <p>Whoever began it closes it, once. Used by one thread at a time.
 */
public final class Transmission implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Extent extent;
    private final Placement placement;
    private final TmpfsPool pool;
    private long end;
    private long position;
    private long sentBytes;
    private long copiedBytes;
    private boolean closed;

    /** The caller has added a send to the placement, which this ends. */
    Transmission(Extent extent, Placement placement, long from, long to, TmpfsPool pool) {
        this.extent = extent;
        this.placement = placement;
        this.pool = pool;
        this.position = from;
        this.end = to;
        pool.transmissionBegan(this);
    }

    /**
     * Narrows the send to the bytes from {@code from} up to, not including, {@code to}.
     *
     * @throws IllegalStateException if bytes were sent already
     */
    public void narrow(long from, long to) {
        checkOpen();
        if (sentBytes + copiedBytes > 0) {
            throw new IllegalStateException("bytes up to " + position + " are sent");
        }
        if (from < position || from > to || to > end) {
            throw new IllegalArgumentException("range " + from + " to " + to + " of " + position + " to " + end);
        }
        position = from;
        end = to;
    }

    /** The next byte to send, counted from the extent's first. */
    public long position() {
        return position;
    }

    /** Bytes that left through the file's channel so far. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Bytes that were copied from the mapping so far. */
    public long copiedBytes() {
        return copiedBytes;
    }

    /** Bytes that can be sent now: published, within the range, and not sent yet. */
    public long available() {
        return Math.max(0, Math.min(extent.published(), end) - position);
    }

    /**
     * Sends what is published and not sent yet, until it is all sent or the sink would block.
     *
     * @return bytes that the sink took
     */
    public long transferTo(FileSink sink) throws IOException {
        checkOpen();
        long taken = 0;
        for (long available = available(); available > 0; available = available()) {
            Slice slice = placement.sliceAt(position);
            long inSlice = Math.min(available, slice.end() - position);
            slice.segment().markSentFrom();
            long n = sink.transferFrom(slice.segment().file().channel(), slice.offsetOf(position), inSlice);
            position += n;
            sentBytes += n;
            taken += n;
            if (n < inSlice) {
                break;
            }
        }
        return taken;
    }

    /**
     * Shows the next bytes, as many as are published and lie together, at most {@code limit}; empty if there are none. The buffer
     * is a view of the pool: valid until {@link #close}, and only to be read.
     */
    public ByteBuffer peek(int limit) {
        checkOpen();
        long available = Math.min(available(), limit);
        if (available <= 0) {
            return NOTHING;
        }
        Slice slice = placement.sliceAt(position);
        int length = (int) Math.min(available, slice.end() - position);
        return slice.segment().file().view().slice(slice.offsetOf(position), length);
    }

    /** Says that the sink took {@code bytes} bytes of what {@link #peek} showed. */
    public void advance(int bytes) {
        checkOpen();
        if (bytes < 0 || bytes > available()) {
            throw new IllegalArgumentException("advance by " + bytes + " of " + available() + " bytes");
        }
        position += bytes;
        copiedBytes += bytes;
    }

    /** Ends the send, complete or not. A second call throws, since it would end somebody else's. */
    @Override
    public void close() {
        checkOpen();
        closed = true;
        pool.transmissionEnded(this);
        placement.releaseSend();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the transmission is closed");
        }
    }
}
