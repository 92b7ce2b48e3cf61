package dev.lastref.pool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments with files of the system's, numbers them, and remembers whether the system gives any. It charges nothing. Used under
 * the pool's lock.
 */
final class SegmentMaker {
    private static final System.Logger LOG = System.getLogger(SegmentMaker.class.getName());

    private final SegmentFiles files;
    private final int segmentSize;
    private int nextId = 1;
    private boolean failing;
    private boolean systemIsFull;

    SegmentMaker(SegmentFiles files, int segmentSize) {
        this.files = files;
        this.segmentSize = segmentSize;
    }

    /** So many segments to be filled or, where the system does not give as many, null. */
    @Nullable
    List<Segment> makeAll(int count) {
        List<Segment> made = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                made.add(make(SegmentState.FILLING));
            }
        } catch (IOException e) {
            made.forEach(segment -> segment.file().close());
            if (!failing) { // once for each run of failures
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot create a segment of " + segmentSize
                                + " bytes, so the pool refuses what does not fit the ones it has: " + e.getMessage());
            }
            failing = true;
            systemIsFull = true;
            return null;
        }
        failing = false;
        return made;
    }

    /** A segment to be prepared or, where the system gives none, null: whoever needs one next meets the same, and says so. */
    @Nullable
    Segment makeToPrepare() {
        try {
            return make(SegmentState.PREPARED);
        } catch (IOException e) {
            return null;
        }
    }

    private Segment make(SegmentState state) throws IOException {
        int id = nextId++;
        return new Segment(id, state, files.create(id, segmentSize), segmentSize);
    }

    /** Whether the system gave no file, and nothing was given back to it since. */
    boolean systemIsFull() {
        return systemIsFull;
    }

    /** A file was closed: whether there is room for another one the next will find out. */
    void fileWasClosed() {
        systemIsFull = false;
    }
}
