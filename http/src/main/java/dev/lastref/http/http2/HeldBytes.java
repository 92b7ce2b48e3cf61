package dev.lastref.http.http2;

import dev.lastref.http.memory.HeapShare;

/**
 * What the requests of one connection hold on the heap, of what those of all may: a few bytes on the wire can stand for a large head (HPACK),
 * and one connection runs many requests. What is beyond is refused, for the client to try again. For the connection's I/O thread.
 */
final class HeldBytes {
    /** One may hold this part of what all may, */
    private static final int SHARE_OF_ONE = 4;
    /** but no more. */
    private static final long MOST_OF_ONE = 4 << 20;

    private final HeapShare ofAll;
    private final long most;
    private long mine;

    HeldBytes(HeapShare ofAll) {
        this.ofAll = ofAll;
        this.most = Math.min(MOST_OF_ONE, ofAll.most() / SHARE_OF_ONE);
    }

    /** Something comes onto the heap for the client; returns whether it may. */
    boolean take(long bytes) {
        if (mine + bytes > most || !ofAll.take(bytes)) {
            return false;
        }
        mine += bytes;
        return true;
    }

    /** What {@link #take} has admitted is gone. */
    void give(long bytes) {
        mine -= bytes;
        ofAll.give(bytes);
    }
}
