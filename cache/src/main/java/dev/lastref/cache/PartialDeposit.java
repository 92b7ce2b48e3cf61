package dev.lastref.cache;

import dev.lastref.cache.ResponseIndex.Deposited;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.EntityTag;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.FieldUpdate;
import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentWriter;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of a representation on its way into the store (RFC 9111, sections 3.3 and 3.4).
 *
 * <p>One range without gaps is held of a representation. A part that touches what is held, with the same strong entity tag, is
 * combined with it into a new extent, since published bytes are never written to; else the newer one takes its place, unless that is a
 * {@linkplain Precedence whole} which it may be of. The bytes are
 * copied on the index's thread. A part that is less than a {@value #SMALLEST_SHARE}th of what is held is not worth copying all of it:
 * so who reads a large one in small steps costs no more copies than a bounded number of times its length.
 */
final class PartialDeposit {
    private static final int SMALLEST_SHARE = 16;
    private static final System.Logger LOG = System.getLogger(PartialDeposit.class.getName());

    private final ResponseCache cache;
    private final CacheKey key;
    private final FieldList request;
    private final Began began;

    PartialDeposit(ResponseCache cache, CacheKey key, FieldList request, Began began) {
        this.cache = cache;
        this.key = key;
        this.request = request;
        this.began = began;
    }

    /**
     * Stores a part, whose extent passes to this; perhaps a little later.
     *
     * @param told whether it is stored, once that is so: on this thread, or on the index's
     */
    void store(Deposited newer, ContentRange part, Consumer<Boolean> told) {
        StoredResponse held = sameRepresentation(newer, part);
        ByteRange there = held == null ? null : rangeOf(held);
        if (held == null || there == null || replaces(held, there, part)) {
            told.accept(publish(
                    held == null || !isOlder(newer, held)
                            ? alone(newer, part)
                            : combined(held, newer, part, newer.extent())));
        } else if (isNotWorthAdding(there, part) || !held.tryRetainContent()) {
            release(newer);
            told.accept(false);
        } else {
            cache.index().inBackground(() -> {
                boolean stored = false;
                try {
                    stored = combine(held, there, newer, part);
                } finally {
                    told.accept(stored);
                }
            });
        }
    }

    /** Whether a part would be stored if it came to its end now. */
    boolean wouldStore(Deposited newer, ContentRange part) {
        StoredResponse held = sameRepresentation(newer, part);
        ByteRange there = held == null ? null : rangeOf(held);
        if (held == null || there == null || replaces(held, there, part)) {
            return cache.index().wouldStore(key, request, alone(newer, part), began);
        }
        return !isNotWorthAdding(there, part);
    }

    private static boolean replaces(StoredResponse held, ByteRange there, ContentRange part) {
        return held.part() != null && part.range().contains(there);
    }

    private static boolean isNotWorthAdding(ByteRange there, ContentRange part) {
        return there.contains(part.range()) || part.range().length() < there.length() / SMALLEST_SHARE;
    }

    /** All of it in one part is what a 200 is. */
    private static Deposited alone(Deposited newer, ContentRange part) {
        return part.isWhole()
                ? new Deposited(whole(newer.head()), newer.freshness(), newer.terms(), newer.extent())
                : newer;
    }

    /** What is held of the same representation, and touches the part; null: nothing. */
    private @Nullable StoredResponse sameRepresentation(Deposited newer, ContentRange part) {
        EntityTag tag = EntityTag.of(newer.head().fields());
        for (StoredResponse held : cache.index().candidates(key, request)) {
            EntityTag its = EntityTag.of(held.fields());
            boolean same = tag != null && its != null && tag.matchesStrongly(its);
            ByteRange there = rangeOf(held);
            if (same
                    && held.completeLength() == part.completeLength()
                    && there != null
                    && there.touches(part.range())
                    && there.length() + part.range().length() <= cache.config().maxObject()) {
                return held;
            }
        }
        return null;
    }

    private static @Nullable ByteRange rangeOf(StoredResponse held) {
        ContentRange part = held.part();
        if (part != null) {
            return part.range();
        }
        return held.status() == 200 && held.length() > 0 ? new ByteRange(0, held.length() - 1) : null;
    }

    /** On the index's thread; the content of what is held was retained. Answers whether the part is stored. */
    private boolean combine(StoredResponse held, ByteRange there, Deposited newer, ContentRange part) {
        Extent before = held.extent();
        try {
            ByteRange all = new ByteRange(
                    Math.min(there.first(), part.range().first()),
                    Math.max(there.last(), part.range().last()));
            Extent both = before == null ? null : copy(all, before, there, newer, part.range());
            if (both == null) {
                return publish(newer);
            }
            ContentRange range = new ContentRange(all, part.completeLength());
            boolean stored = publish(combined(held, newer, range, both));
            release(newer); // not before: until then who asks for the same may still join those who read it
            return stored;
        } finally {
            if (before != null) {
                before.release();
            }
        }
    }

    /** The bytes of both, those of the newer part where both have them; null if the pool has no room. */
    private @Nullable Extent copy(ByteRange all, Extent before, ByteRange there, Deposited newer, ByteRange part) {
        Extent after = newer.extent();
        long now = cache.config().ticker().read();
        ExtentWriter writer =
                cache.pool().tryAllocate(all.length(), newer.freshness().remainingNanos(now));
        if (writer == null || after == null) {
            if (writer != null) {
                writer.abort();
            }
            return null;
        }
        boolean copied = false;
        try {
            copied = copy(before, there, all.first(), part.first(), writer)
                    && copy(after, part, part.first(), part.end(), writer)
                    && copy(before, there, part.end(), all.end(), writer);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot combine two parts of a response: " + e.getMessage());
        }
        if (!copied) {
            writer.abort();
            return null;
        }
        return writer.commit();
    }

    /** Copies from one place in the representation to another, if that is not back. */
    private static boolean copy(Extent from, ByteRange lies, long first, long end, ExtentWriter to) throws IOException {
        return first >= end || from.copyTo(to, first - lies.first(), end - lies.first());
    }

    private static boolean isOlder(Deposited arrived, StoredResponse held) {
        return Precedence.isOlder(arrived.head().fields(), arrived.freshness(), held);
    }

    /**
     * Section 3.4: the fields of both, where they differ those of the more recent one, as one complete response or a part. What came
     * later may have been asked for earlier.
     */
    private static Deposited combined(
            StoredResponse held, Deposited arrived, ContentRange range, @Nullable Extent extent) {
        boolean older = isOlder(arrived, held);
        FieldList before = held.fields();
        FieldList after = arrived.head().fields();
        FieldList.Builder fields = (older ? FieldUpdate.apply(after, before) : FieldUpdate.apply(before, after))
                .toBuilder().remove("Content-Range");
        if (!range.isWhole()) {
            fields.add("Content-Range", range.toString());
        }
        ResponseHead head = new ResponseHead(
                range.isWhole() ? 200 : 206, fields.build(), range.range().length());
        return new Deposited(
                head, older ? held.freshness() : arrived.freshness(), older ? held.terms() : arrived.terms(), extent);
    }

    private static ResponseHead whole(ResponseHead part) {
        return new ResponseHead(
                200, part.fields().toBuilder().remove("Content-Range").build(), part.length());
    }

    private boolean publish(Deposited deposited) {
        return cache.index().store(key, request, deposited, began);
    }

    private static void release(Deposited deposited) {
        Extent extent = deposited.extent();
        if (extent != null) {
            extent.release();
        }
    }
}
