package dev.lastref.pool;

import dev.lastref.pool.linux.FileLimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments with files of the system's, numbers them, and remembers whether the system gives any. It charges nothing. Used under
 * the pool's lock, but where it is said.
 *
 * <p>While descriptors are held back for others it makes none. That is no reason to make room: what a pool gives back then goes to the
 * next connection, and so, one by one, would all that is stored.
 */
final class SegmentMaker {
    private static final System.Logger LOG = System.getLogger(SegmentMaker.class.getName());

    private final SegmentFiles files;
    private final int segmentSize;
    private final Descriptors descriptors;
    private int nextId = 1;
    private boolean failing;
    private boolean systemIsFull;

    SegmentMaker(SegmentFiles files, int segmentSize, Descriptors descriptors) {
        this.files = files;
        this.segmentSize = segmentSize;
        this.descriptors = descriptors;
    }

    /** Whether one may be made now, as far as descriptors go. */
    boolean mayMake() {
        return !descriptors.areScarce();
    }

    /** So many segments to be filled or, where the system does not give as many, or is not to be asked for them, null. */
    @Nullable
    List<Segment> makeAll(int count) {
        if (count == 0) {
            return List.of();
        }
        if (!mayMake()) {
            return null;
        }
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
            if (FileLimit.isReachedBy(e)) {
                descriptors.ranOut();
            }
            systemIsFull = mayMake(); // else it has just got scarce, for which nobody is to make room
            return null;
        }
        failing = false;
        systemIsFull = false;
        return made;
    }

    /** A segment to be prepared, which has no file yet. */
    Segment begin() {
        return new Segment(nextId++, SegmentState.PREPARED, null, segmentSize);
    }

    /** A segment to be filled in the file of one that is given up: what pages it has are there already. */
    Segment again(Segment givenUp) {
        return new Segment(nextId++, SegmentState.PREPARED, givenUp.giveUpFile(), segmentSize);
    }

    /** Makes the file of a segment that was begun. Without the lock: it may take long. */
    void makeFile(Segment segment) throws IOException {
        segment.hasFile(files.create(segment.id(), segmentSize));
    }

    private Segment make() throws IOException {
        int id = nextId++;
        return new Segment(id, SegmentState.FILLING, files.create(id, segmentSize), segmentSize);
    }

    /** Whether the system gave no file when it was last asked, and nothing was given back to it since. */
    boolean systemIsFull() {
        return systemIsFull;
    }

    /** A file was closed: whether there is room for another one the next will find out. */
    void fileWasClosed() {
        systemIsFull = false;
    }
}
