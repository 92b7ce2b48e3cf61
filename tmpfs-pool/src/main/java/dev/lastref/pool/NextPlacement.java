package dev.lastref.pool;

/** A placement of an extent that was moved. */
final class NextPlacement extends Placement {
    private final Extent extent;

    /**
     * @param sharesSlices whether slices of the placement before are to be its own too
     */
    NextPlacement(Extent extent, boolean sharesSlices) {
        super(sharesSlices);
        this.extent = extent;
    }

    @Override
    Extent extent() {
        return extent;
    }

    @Override
    public String toString() {
        return "next placement of " + extent;
    }
}
