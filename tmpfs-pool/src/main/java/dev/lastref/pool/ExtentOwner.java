package dev.lastref.pool;

/** Who put an extent in the pool and can do without it: asked to let go of it when the pool needs the room. */
@FunctionalInterface
public interface ExtentOwner {
    /**
     * Release the reference to this extent, now or soon. Called on the reclaimer's thread; must not block. It may be called for an
     * extent that was released meanwhile.
     */
    void reclaim(Extent extent);
}
