package dev.lastref.pool;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The segments from which extents are cut now: at most one for each size class and expiry class. Guarded by the pool's lock. */
final class FillingSegments {
    private final @Nullable Segment[] segments;
    private final ExpiryClasses expiryClasses;

    FillingSegments(ExpiryClasses expiryClasses) {
        this.expiryClasses = expiryClasses;
        this.segments = new Segment[SizeClass.values().length * expiryClasses.count()];
    }

    @Nullable
    Segment get(SizeClass sizeClass, int expiryClass) {
        return segments[index(sizeClass, expiryClass)];
    }

    /** Has another one filled from now on; returns the one before. */
    @Nullable
    Segment put(SizeClass sizeClass, int expiryClass, Segment next) {
        int index = index(sizeClass, expiryClass);
        Segment before = segments[index];
        segments[index] = next;
        next.fillFor(expiryClasses.leastLifetimeNanos(expiryClass));
        return before;
    }

    /** Those that are being filled. */
    List<Segment> all() {
        return Arrays.stream(segments).filter(Objects::nonNull).toList();
    }

    /** Has a segment filled no more, if it was. */
    void remove(Segment segment) {
        Arrays.asList(segments).replaceAll(filled -> filled == segment ? null : filled);
    }

    private int index(SizeClass sizeClass, int expiryClass) {
        return (sizeClass == SizeClass.PACKED ? 0 : expiryClasses.count()) + expiryClass;
    }
}
