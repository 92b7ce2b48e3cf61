package dev.lastref.http.memory;

import dev.lastref.cache.CacheConfig;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * What clients and origins have this process hold on the heap, all kinds of it added up, against what the heap carries. Each kind has a
 * {@linkplain HeapShare share} of its own; all of them together would be more than there is, so that none gets more while their sum is at
 * its bound. The index is what gives way: the more they hold, the less it {@linkplain #ofIndex may take}.
 *
 * <pre>
 *   heap      |--- 32 MiB ---|------------------------- the rest -------------------------|
 *              the JVM's and                                            a sixth: for the
 *              our own objects,  |------------- room, five sixths -----------|  collector
 *              new ones           a sixteenth of it: the index's alone
 *                                |-|-------- most that others may hold ------|
 *                                |--- index while they hold little ---|------|
 *                                                                      what they hold before it gives way
 * </pre>
 *
 * <p>Bytes, as estimated from above. All threads.
 */
public final class HeapAccount {
    private static final long BESIDE = 32L << 20;
    /** Of a heap that is so small that nothing is left beside that. */
    private static final int SMALLEST_ROOM = 4;

    private static final int LEFT_TO_INDEX = 16;
    /** What connections leave to the requests on them. */
    private static final int LEFT_TO_REQUESTS = 16;
    /** Who takes what is large leaves this part to others, who take little. */
    private static final int LEFT_TO_SMALL = 4;

    private final long heap;
    private final long mostOfIndex;
    private final long leastOfIndex;
    private final long most;
    private volatile LongSupplier[] held = {};
    private volatile Runnable whenGrown = () -> {};

    /** @param heap bytes, as by {@link Runtime#maxMemory} */
    public HeapAccount(long heap) {
        this.heap = heap;
        long room = Math.max(heap / SMALLEST_ROOM, (heap - BESIDE) / 6 * 5);
        leastOfIndex = room / LEFT_TO_INDEX;
        most = room - leastOfIndex;
        mostOfIndex = CacheConfig.heapFor(heap);
    }

    /** For connections themselves: all that others leave, but a part for what is asked on them. */
    public HeapShare connections() {
        long ofThem = most - most / LEFT_TO_REQUESTS;
        return new HeapShare(this, ofThem, ofThem, ofThem);
    }

    /**
     * For requests by HTTP/1.1: an eighth of the heap. Heads, complete or not, requests that wait behind one that is being answered, and
     * buffers for which there was no room outside the heap.
     */
    public HeapShare requests() {
        long all = Math.max(2 << 20, heap / 8);
        return new HeapShare(this, all, all - all / LEFT_TO_SMALL, most);
    }

    /**
     * For requests by HTTP/2: a sixteenth of the heap. A few bytes on the wire can stand for a large head (HPACK), and one connection runs
     * many requests. A head as decoded, with what its objects need, and content that nobody has read.
     */
    public HeapShare http2() {
        return share(16, 1 << 20);
    }

    /** For heads of origins' responses, those that are being received, and those of calls that run: an eighth of the heap. */
    public HeapShare originHeads() {
        return share(8, 2 << 20);
    }

    private HeapShare share(int part, long least) {
        long all = Math.max(least, heap / part);
        return new HeapShare(this, all, all, most);
    }

    /** Something else is counted, too. Before it is used; one thread. */
    public void count(LongSupplier bytes) {
        LongSupplier[] more = Arrays.copyOf(held, held.length + 1);
        more[held.length] = bytes;
        held = more;
    }

    /**
     * Who is told when more is held than the index leaves by itself: what it may take has become less.
     *
     * @param gives must not block: it is run by who takes something, mostly an I/O thread
     */
    public void whenGrown(Runnable gives) {
        whenGrown = gives;
    }

    /** More is held than before. */
    void grownTo(long now) {
        if (now > allowance()) {
            whenGrown.run();
        }
    }

    /** What is held now by all but the index. */
    long held() {
        long sum = 0;
        for (LongSupplier each : held) {
            sum += each.getAsLong();
        }
        return sum;
    }

    /** What may be held by all but the index. */
    long most() {
        return most;
    }

    private long allowance() {
        return most + leastOfIndex - mostOfIndex;
    }

    /**
     * What the index may take now. Where it may take no more than is usual, the rest of the room; of more than that, by as much a part less
     * as others have used of theirs, so that at their bound it is as small as any.
     *
     * @param given bytes that it may take while others hold little
     */
    public long ofIndex(long given) {
        double left = (double) Math.max(0, most - held()) / (most - allowance());
        if (left >= 1) {
            return given;
        }
        return Math.min(given, leastOfIndex + (long) ((Math.max(given, mostOfIndex) - leastOfIndex) * left));
    }
}
