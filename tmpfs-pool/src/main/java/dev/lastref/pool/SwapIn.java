package dev.lastref.pool;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Has the kernel bring a run of a placement's bytes into memory, on a thread that may wait for the disk. It keeps the bytes where they
 * are until it is done, whatever becomes of the transmission that it is for.
 *
 * <p>They are read, not touched in the mapping: what the disk fails to give is then an error of this call, and no signal.
 */
final class SwapIn implements Runnable {
    private static final System.Logger LOG = System.getLogger(SwapIn.class.getName());
    private static final int AT_A_TIME = 64 * 1024;

    private final Placement placement;
    private final long from;
    private final long end;
    private final Runnable then;
    private volatile boolean done;

    /** Takes a send of the placement beside one that the caller has, and ends it. */
    SwapIn(Placement placement, long from, long end, Runnable then) {
        placement.addSendBeside();
        this.placement = placement;
        this.from = from;
        this.end = end;
        this.then = then;
    }

    /** Where it ends, in the extent. */
    long end() {
        return end;
    }

    boolean isDone() {
        return done;
    }

    @Override
    public void run() {
        try {
            ByteBuffer buffer = ByteBuffer.allocateDirect(AT_A_TIME);
            for (long at = from; at < end; ) {
                Slice slice = placement.sliceAt(at);
                int length = (int) Math.min(AT_A_TIME, Math.min(end, slice.end()) - at);
                slice.segment().file().channel().read(buffer.clear().limit(length), slice.offsetOf(at));
                at += length;
            }
        } catch (IOException e) { // who sends them meets the same, and tells the client
            LOG.log(System.Logger.Level.WARNING, "cannot bring into memory what was swapped out: {0}", e.getMessage());
        } finally {
            placement.sendEnded();
            done = true;
            then.run();
        }
    }
}
