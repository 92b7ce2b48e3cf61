package dev.lastref.pool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Empties sparse segments: copies what lives in one into segments that are being filled, and has each extent's new placement take over
 * from the old one. Readers notice nothing: those that began before go on reading the old bytes, which are the same.
 *
 * <p>The reclaimer's thread only.
 */
final class Evacuator {
    private static final long NO_ROOM = -1;
    /** The extent died while it was being moved. */
    private static final long DIED = -2;

    private final SegmentAccount account;
    private final PoolConfig config;

    Evacuator(SegmentAccount account, PoolConfig config) {
        this.account = account;
        this.config = config;
    }

    /**
     * Moves every complete extent out of a live segment. What is still being written stays, and ends the segment later.
     *
     * @return bytes moved
     * @throws IOException if a file cannot be written
     */
    long evacuate(Segment sparse) throws IOException {
        long moved = 0;
        for (Extent extent : account.extentsOf(sparse)) {
            long bytes = move(extent, sparse);
            if (bytes == NO_ROOM) { // the next cycle may find some
                break;
            }
            moved += bytes;
        }
        if (moved > 0) {
            config.listener().evacuated(moved);
        }
        return moved;
    }

    /**
     * Moves what of one complete extent lies in a segment.
     *
     * @return bytes moved, 0 if there was nothing to move, or NO_ROOM
     */
    long move(Extent extent, Segment out) throws IOException {
        Placement from = extent.placement();
        if (from == null || !extent.isComplete() || !from.touches(out) || !from.tryAddSend()) {
            return 0;
        }
        try {
            Placement to = from.next();
            long copied = NO_ROOM;
            try {
                copied = copy(from, to, out);
            } finally {
                if (copied < 0) { // or it has failed
                    extent.discard(to);
                }
            }
            if (copied < 0) {
                return copied == NO_ROOM ? NO_ROOM : 0;
            }
            return extent.move(from, to) ? copied : 0;
        } finally {
            from.sendEnded();
        }
    }

    /** Returns the bytes copied, NO_ROOM or DIED. */
    private long copy(Placement from, Placement to, Segment out) throws IOException {
        long copied = 0;
        for (Slice slice : from.slices()) {
            if (slice.segment() != out) {
                if (!slice.tryShare()) {
                    return DIED;
                }
                to.add(slice);
                continue;
            }
            if (slice.length() == 0) { // an extent that was given no bytes; it needs no other place
                continue;
            }
            int before = to.slices().length;
            if (!account.cutForMove(to, slice.start(), slice.length())) {
                return NO_ROOM;
            }
            Slice[] slices = to.slices();
            for (int i = before; i < slices.length; i++) {
                copy(slice, slices[i]);
            }
            copied += slice.length();
        }
        return copied;
    }

    /** Copies the bytes of a slice that another one, which covers a part of it, is to hold. */
    private static void copy(Slice from, Slice to) throws IOException {
        ByteBuffer bytes = from.segment().file().view().slice(from.offsetOf(to.start()), to.length());
        FileChannel channel = to.segment().file().channel();
        int position = to.offset();
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }
}
