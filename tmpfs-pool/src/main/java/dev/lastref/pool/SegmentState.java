package dev.lastref.pool;

/**
 * The life of a segment. It only ever moves to the next state; any other transition throws.
 *
 * <pre>
 *  FILLING ──full──► LIVE ──no live extent──► RETIRED ──no send running──► DRAINING ──seal granted──► RELEASED
 * </pre>
 *
 * All its bytes count against the pool until RELEASED.
 */
public enum SegmentState {
    /** New extents are cut from it. */
    FILLING,
    /** Full, or closed to new extents; at least one extent has an owner. */
    LIVE,
    /** No extent has an owner any more; sends that began before may still run. */
    RETIRED,
    /** No send runs; the kernel, or a peer on this machine, may still hold pages of it. */
    DRAINING,
    /** The kernel granted the seal: nobody held a page. Closed, and given back to the budget. */
    RELEASED;

    /**
     * Moves on.
     *
     * @return {@code next}
     * @throws IllegalStateException if it is not the successor of this state
     */
    SegmentState to(SegmentState next) {
        SegmentState successor = switch (this) {
            case FILLING -> LIVE;
            case LIVE -> RETIRED;
            case RETIRED -> DRAINING;
            case DRAINING -> RELEASED;
            case RELEASED -> null;
        };
        if (next != successor) {
            throw new IllegalStateException("a segment cannot go from " + this + " to " + next);
        }
        return next;
    }
}
