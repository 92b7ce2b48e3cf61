package dev.lastref.pool;

/**
 * A run of bytes of an extent that lies in one segment.
 *
 * @param segment where it lies
 * @param offset first byte within the segment
 * @param start first byte within the extent
 * @param length bytes reserved; the last slice of an extent that is still being written may hold fewer
 */
record Slice(Segment segment, int offset, long start, int length) {
    long end() {
        return start + length;
    }

    boolean contains(long position) {
        return start <= position && position < end();
    }

    /** Where a position of the extent lies in the segment. */
    int offsetOf(long position) {
        return offset + (int) (position - start);
    }

    Slice withLength(int newLength) {
        return new Slice(segment, offset, start, newLength);
    }
}
