package dev.lastref.pool;

/**
 * A slice of an extent that has several. When one of them is moved the extent's next placement has the others too, so the placements that
 * have it are counted: a living one as an owner, a dead one that is still held as a send.
 */
final class SharedSlice extends Slice {
    private final Extent extent;
    private final long start;

    /**
     * @param extent whose bytes it holds
     * @param segment where it lies
     * @param offset first byte within the segment
     * @param start first byte within the extent
     * @param length bytes reserved
     */
    SharedSlice(Extent extent, Segment segment, int offset, long start, int length) {
        this.extent = extent;
        this.start = start;
        lieAt(segment, offset, length);
    }

    @Override
    Extent extent() {
        return extent;
    }

    @Override
    long start() {
        return start;
    }

    @Override
    boolean tryShare() {
        return tryAddOwner();
    }

    @Override
    boolean died() {
        return ownerBecomesSend() && segment().sliceDied(length());
    }

    @Override
    boolean letGo() {
        return releaseSend() == Change.LET_GO && segment().sliceLetGo();
    }

    @Override
    public String toString() {
        return length() + " bytes at " + offset() + " of " + segment();
    }
}
