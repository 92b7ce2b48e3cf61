package dev.lastref.pool;

/**
 * Told what happens in a pool, for metrics and logs. Every method does nothing by default. Called on the thread that did it, which
 * may be an I/O thread or the reclaimer, so an implementation must neither block nor throw.
 */
public interface PoolListener {
    /** Hears nothing. */
    PoolListener NONE = new PoolListener() {};

    /** An extent of this many bytes did not fit. */
    default void allocationRefused(long bytes) {}

    /** Room for an extent was taken; its writer owns it. */
    default void extentBegan(Extent extent) {}

    /** Neither an owner nor a transmission holds the extent any more. */
    default void extentLetGo(Extent extent) {}

    /** A transmission began. */
    default void transmissionBegan(Transmission transmission) {}

    /** A transmission ended, complete or not; it knows how many bytes it sent. */
    default void transmissionEnded(Transmission transmission) {}

    /**
     * The kernel was asked whether a segment's pages are still held.
     *
     * @param granted whether it sealed the file: nobody holds them
     * @param nanos how long the question took
     */
    default void sealProbed(boolean granted, long nanos) {}

    /** A segment was released: this many bytes went back to the budget. */
    default void reclaimed(long bytes) {}

    /** So many bytes became available without leaving the account: a segment that was only ever copied from is filled again. */
    default void reclaimedToFillAgain(long bytes) {}

    /** So many bytes went back to the budget without the kernel's proof that nobody holds them: a hint, or a bound in time, let them go. */
    default void reclaimedUnproven(long bytes) {}

    /** So many bytes went back to the budget that were punched out of a segment, some time after that; without the kernel's proof. */
    default void reclaimedByPunching(long bytes) {}

    /** The pool asked owners to give up the extents of a segment, holding this many live bytes, to make room. */
    default void evicted(long liveBytes) {}

    /** A connection that held pages for too long without progress is being reset; what was known of it. */
    default void laggardReset(Holder laggard) {}

    /** So many live bytes were moved out of a sparse segment. */
    default void evacuated(long bytes) {}
}
