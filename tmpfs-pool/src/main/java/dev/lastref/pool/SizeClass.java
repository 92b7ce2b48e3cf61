package dev.lastref.pool;

/** How the extents of a segment are laid out; each class fills a segment of its own. */
enum SizeClass {
    /** Small extents, side by side: they are copied to the socket, so pages do not matter. Starts on a cache line. */
    PACKED(64),
    /** Extents that are sent page by page. */
    PAGED(PoolConfig.PAGE);

    private final int alignment;

    SizeClass(int alignment) {
        this.alignment = alignment;
    }

    int alignment() {
        return alignment;
    }
}
