package dev.lastref.pool;

/**
 * The life of a segment. It only ever moves on as drawn; any other transition throws.
 *
 * <pre>
 *  (PREPARED ──►) FILLING ──full──► LIVE ──no live extent──► RETIRED ──no send running──► DRAINING ──seal granted──► RELEASED
 *       │                                                                           └── not proven for all of it: UNPROVEN ──► RELEASED
 *       └── not needed: RELEASED, as nobody was ever given a page of it
 * </pre>
 *
 * All its bytes count against the pool until RELEASED. One from which nothing was ever sent by reference may get there without a
 * question: then its file, with its pages, is that of a new one, which begins as PREPARED.
 */
public enum SegmentState {
    /** Its pages are in memory, or what another had of them, and nothing has been cut from it. Most segments begin with FILLING. */
    PREPARED,
    /** New extents are cut from it. */
    FILLING,
    /** Full, or closed to new extents; at least one extent has an owner. */
    LIVE,
    /** No extent has an owner any more; sends that began before may still run. */
    RETIRED,
    /** No send runs; the kernel, or a peer on this machine, may still hold pages of it. */
    DRAINING,
    /**
     * Nobody can be asked whether pages of it are held, and somebody may: all of them, where its file cannot be sealed, or those that
     * were punched out of it before it was. Closed, and still on the account for these, for a bounded time.
     */
    UNPROVEN,
    /** Nobody held a page, or the time was over. Its file is closed, or another's, and it is off the budget. */
    RELEASED;

    /**
     * Moves on.
     *
     * @return {@code next}
     * @throws IllegalStateException if it is no successor of this state
     */
    SegmentState to(SegmentState next) {
        boolean legal = switch (this) {
            case PREPARED -> next == FILLING || next == RELEASED;
            case FILLING -> next == LIVE;
            case LIVE -> next == RETIRED;
            case RETIRED -> next == DRAINING;
            case DRAINING -> next == UNPROVEN || next == RELEASED;
            case UNPROVEN -> next == RELEASED;
            case RELEASED -> false;
        };
        if (!legal) {
            throw new IllegalStateException("a segment cannot go from " + this + " to " + next);
        }
        return next;
    }
}
