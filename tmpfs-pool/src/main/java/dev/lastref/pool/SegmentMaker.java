package dev.lastref.pool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments with files of the system's, numbers them, and remembers whether the system gives any. It charges nothing. Used under
 * the pool's lock, but where it is said.
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
                made.add(make());
            }
        } catch (IOException e) {
            made.forEach(Segment::closeFile);
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

    /** A segment to be prepared, which has no file yet. */
    Segment begin() {
        return new Segment(nextId++, SegmentState.PREPARED, null, segmentSize);
    }

    /** Makes the file of a segment that was begun. Without the lock: it may take long. */
    void makeFile(Segment segment) throws IOException {
        segment.hasFile(files.create(segment.id(), segmentSize));
    }

    private Segment make() throws IOException {
        int id = nextId++;
        return new Segment(id, SegmentState.FILLING, files.create(id, segmentSize), segmentSize);
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
