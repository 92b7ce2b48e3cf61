package dev.lastref.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The segments that are not released, and the sum of what they are charged. A segment is charged with its whole size when it is added;
 * what is given back, all of it or a part, is given back here. Used under the pool's lock.
 */
final class ChargedSegments {
    private final List<Segment> segments = new ArrayList<>();
    private long charged;

    /** Bytes on the account. */
    long charged() {
        return charged;
    }

    /** Bytes of those whose files are open, but for what was punched out of them; all pages count, be they there yet or not. */
    long inFiles() {
        long sum = 0;
        for (Segment segment : segments) {
            if (segment.state() != SegmentState.UNPROVEN) {
                sum += segment.size() - segment.holes().punchedBytes();
            }
        }
        return sum;
    }

    List<Segment> all() {
        return segments;
    }

    void add(Segment segment) {
        segments.add(segment);
        charged += segment.charged();
    }

    /** Gives all of a segment back, whose file is closed; returns the bytes that it was charged. */
    long release(Segment segment) {
        segment.moveTo(SegmentState.RELEASED);
        segments.remove(segment);
        charged -= segment.charged();
        return segment.charged();
    }

    /**
     * Gives back what a segment had in its file, which nobody holds. What was punched out of it and is unproven stays; if there is
     * nothing of that, the segment is released.
     *
     * @return the bytes given back
     */
    long releaseProven(Segment segment) {
        if (segment.holes().unprovenBytes() == 0) {
            return release(segment);
        }
        segment.moveTo(SegmentState.UNPROVEN);
        long before = segment.charged();
        segment.holes().restProven(segment.size());
        long returned = before - segment.charged();
        charged -= returned;
        return returned;
    }

    /** Notes that pages were punched out of a segment; if none was ever sent they are given back. */
    void punched(Segment segment, Holes.Run run, boolean neverSent) {
        long before = segment.charged();
        segment.holes().punched(run, neverSent);
        charged -= before - segment.charged();
    }

    /** Gives back so many bytes that were punched out of a segment. If nothing else of it was charged any more it is released. */
    void letGoOfHoles(Segment segment, int bytes) {
        segment.holes().letGo(bytes);
        charged -= bytes;
        if (segment.state() == SegmentState.UNPROVEN && segment.charged() == 0) {
            release(segment);
        }
    }

    /** Closes the files in which nothing is held, and forgets them. */
    void disposeOfUnheld(Consumer<Segment> told) {
        segments.removeIf(segment -> {
            if (segment.isHeld()) {
                return false;
            }
            segment.file().close();
            charged -= segment.charged();
            told.accept(segment);
            return true;
        });
    }
}
