package dev.lastref.pool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

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
    /** How far it is looked ahead for what is in swap: more than a connection takes at a time, and quickly asked. */
    static final int LOOK = 1 << 20;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Extent extent;
    private final Placement placement;
    private final TmpfsPool pool;
    private long from;
    private long end;
    private long position;
    private long sentBytes;
    private long copiedBytes;
    private @Nullable Peer peer;
    private @Nullable Completions completions;
    private @Nullable SwapIn swapIn;
    private boolean allSent;
    private boolean closed;

    /** The caller has added a send to the placement, which this ends. */
    Transmission(Extent extent, Placement placement, long from, long to, TmpfsPool pool) {
        this.extent = extent;
        this.placement = placement;
        this.pool = pool;
        this.from = from;
        this.position = from;
        this.end = to;
        pool.transmissionBegan(this);
    }

    /**
     * Names the connection that it goes to, before the first byte goes; again and the same is nothing new. Without it the pool cannot
     * say who holds its pages, nor when they have drained.
     */
    public Transmission to(Peer newPeer) {
        if (newPeer == peer) {
            return this;
        }
        if (peer != null || newPeer.ledger() != pool.ledger()) {
            throw new IllegalArgumentException(
                    peer != null ? "the transmission goes to " + peer : newPeer + " was named to another pool");
        }
        checkOpen();
        peer = newPeer;
        newPeer.began();
        return this;
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
        this.from = from;
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

    /** Whether what is sent may be in swap: the system has some. Costs next to nothing. */
    public boolean mayBeSwappedOut() {
        return pool.swap().mayBeSwappedOut();
    }

    /**
     * How many of the next bytes can be sent without waiting for a disk: all that are {@link #available} on a system without swap, where
     * nobody is asked, and where the kernel does not say; else no more than were looked at, up to 1 MiB. If there are some available,
     * and none of which this is known, {@link #bringIn} has them come.
     */
    public long residentBytes() {
        long available = available();
        if (available == 0 || !pool.swap().mayBeSwappedOut()) {
            return available;
        }
        SwapIn asked = swapIn;
        if (asked != null) {
            if (!asked.isDone()) {
                return 0;
            }
            swapIn = null; // once, as they may be swapped out again; but once, so that it comes to an end
            if (position < asked.end()) {
                return Math.min(available, asked.end() - position);
            }
        }
        long look = Math.min(available, LOOK);
        return isResident(look) ? look : 0;
    }

    private boolean isResident(long bytes) {
        try {
            for (long at = position; at < position + bytes; ) {
                Slice slice = placement.sliceAt(at);
                long inSlice = Math.min(position + bytes, slice.end()) - at;
                if (!slice.segment().file().isResident(slice.offsetOf(at), inSlice)) {
                    return false;
                }
                at += inSlice;
            }
        } catch (IOException e) {
            pool.swap().cannotBeAsked(e);
        }
        return true;
    }

    /**
     * Has the next bytes, up to 1 MiB, brought into memory by a thread that may wait for the disk: {@link #residentBytes} counts them once
     * after that. While it is on its way another call does nothing. It needs not this to stay open.
     *
     * @param waiting runs it on a thread that nobody interrupts, as an interrupt would close the file for all; one that takes nothing any
     *     more has it run by the caller
     * @param then runs after it, in the same thread: it neither blocks nor throws
     */
    public void bringIn(Executor waiting, Runnable then) {
        checkOpen();
        SwapIn running = swapIn;
        if (running != null && !running.isDone()) {
            return;
        }
        SwapIn next = new SwapIn(placement, position, position + Math.min(available(), LOOK), then);
        swapIn = next;
        try {
            waiting.execute(next);
        } catch (RejectedExecutionException stopping) {
            next.run(); // better late than never
        }
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
        return transferTo(sink, Long.MAX_VALUE);
    }

    /** The same, of {@code limit} bytes at most: as many as are in memory, perhaps. */
    public long transferTo(FileSink sink, long limit) throws IOException {
        checkOpen();
        long taken = 0;
        for (long left = Math.min(available(), limit); left > 0; left = Math.min(available(), limit - taken)) {
            Slice slice = placement.sliceAt(position);
            long inSlice = Math.min(left, slice.end() - position);
            slice.segment().markSentFrom();
            long n = sink.transferFrom(slice.segment().file().channel(), slice.offsetOf(position), inSlice);
            if (n > 0) {
                noteSent(slice.segment());
            }
            position += n;
            sentBytes += n;
            taken += n;
            if (n < inSlice) {
                break;
            }
        }
        if (completions != null) {
            noticeEnd();
        }
        return taken;
    }

    /** After the send, never before it: see {@link SegmentNotes}. */
    private void noteSent(Segment segment) {
        if (peer == null) {
            segment.sentToUnnamed();
        } else {
            peer.sentFrom(segment);
        }
    }

    /**
     * Shows the next bytes, as many as are published and lie together, at most {@code limit}; empty if there are none. The buffer
     * is a view of the pool: valid until {@link #close}, and only to be copied from. What still refers to it after that, such as a send
     * with MSG_ZEROCOPY or a splice from the mapping, reads what another writes there, or ends the process.
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
        if (completions != null) {
            noticeEnd();
        }
    }

    /**
     * Completes when the kernel, or whoever copies, has taken the last byte; fails if the transmission is closed before that. Like the
     * other stages it costs nothing unless it is asked for, which is done before {@link #close}, and what depends on it runs on the
     * thread that completes it, here the one that sends: it must neither block nor throw.
     */
    public CompletionStage<Void> sent() {
        return asked().sent(allSent).minimalCompletionStage();
    }

    /**
     * Completes when the peer's TCP has acknowledged the last byte, be it copied or not: it has it, and may not have read it. Fails if
     * the transmission is closed before everything is sent, and if the connection goes before it could be seen. Completed by the
     * ledger's thread, some milliseconds late.
     *
     * @throws IllegalStateException if the connection was not named with {@link #to}
     */
    public CompletionStage<Void> acknowledged() {
        if (peer == null) {
            throw new IllegalStateException("whose acknowledgement? name the connection first, with to()");
        }
        return asked().acknowledged(allSent, peer).minimalCompletionStage();
    }

    /**
     * Completes when the kernel has proven that nobody holds a page that was sent: its segments are dead, sealed and given back. That
     * may be long after, since a segment dies with the last of its extents. If nothing left by {@link #transferTo} it completes with
     * the close; if there will be no proof it fails: the pool is closed before, or its files
     * are in a directory. Completed by the reclaimer's thread.
     */
    public CompletionStage<Void> released() {
        return asked().released().minimalCompletionStage();
    }

    private Completions asked() {
        checkOpen();
        Completions asked = completions;
        if (asked == null) {
            asked = new Completions();
            completions = asked;
            noticeEnd();
        }
        return asked;
    }

    /** Sees whether the last byte has gone, and tells who waits for it once. */
    private void noticeEnd() {
        boolean ended = position == end || (extent.isComplete() && position >= extent.published());
        if (ended && !allSent && completions != null) {
            allSent = true;
            completions.allSent(peer);
        }
    }

    /** From which pages may have been sent. */
    private List<Segment> sentSegments() {
        if (sentBytes == 0) {
            return List.of();
        }
        List<Segment> segments = new ArrayList<>();
        for (Slice slice : placement.slices()) {
            if (slice.start() < position && slice.end() > from && !segments.contains(slice.segment())) {
                segments.add(slice.segment());
            }
        }
        return segments;
    }

    /** Ends the send, complete or not. A second call throws, since it would end somebody else's. */
    @Override
    public void close() {
        checkOpen();
        if (completions != null) {
            noticeEnd();
            if (!allSent) {
                completions.closedEarly(position - from);
            }
            completions.closing(sentSegments());
        }
        closed = true;
        if (peer != null) {
            peer.ended();
        }
        pool.transmissionEnded(this);
        placement.sendEnded();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the transmission is closed");
        }
    }
}
