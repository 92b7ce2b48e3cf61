package dev.lastref.http.serve;

import dev.lastref.http.message.ClientAddress;
import dev.lastref.http.message.Networks;
import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many requests a second each peer may make; what it does not use adds up to those of one second. A peer is an IPv4 address, or the
 * /64 of an IPv6 one, which is the least that anybody is given.
 *
 * <p>Each request is counted as the generic cell rate algorithm does (ITU-T I.371): one number a peer, the time at which its bucket would
 * be empty again. The numbers stand in a table of a fixed size, however many peers there are, in the manner of a count-min sketch
 * (Cormode, Muthukrishnan, 2005): each peer has a cell in each of four rows, adds to all, and the least of them counts. So nobody gets
 * more than the rate, but for what is counted at the same moment; and who shares cells with somebody loud is not held back unless all
 * four are shared. To fill the table would take 16384 times the rate. Which peers share a cell is secret.
 *
 * <p>All threads; without locks, and without anything made for a request.
 */
public final class RequestRate {
    /** The key of those who are not counted. */
    public static final long EXEMPT = 0;

    private static final long SECOND = 1_000_000_000L;
    private static final int ROWS = 4;
    private static final int COLUMN_BITS = 14;
    private static final int COLUMNS = 1 << COLUMN_BITS;

    private final LongSupplier clock;
    private final long epoch;
    private final long secret;
    private final LongAdder refused = new LongAdder();
    private @Nullable AtomicLongArray table;
    private volatile @Nullable Rate rate;

    /** What holds now: by how much a request fills a bucket, how full it may be, and the cells. */
    private record Rate(long interval, long most, AtomicLongArray cells) {}

    /** Without a limit until one is {@linkplain #limit set}. */
    public RequestRate() {
        this(System::nanoTime, ThreadLocalRandom.current().nextLong());
    }

    /**
     * @param clock nanoseconds
     * @param secret by which cells are chosen
     */
    RequestRate(LongSupplier clock, long secret) {
        this.clock = clock;
        this.secret = secret;
        this.epoch = clock.getAsLong() - SECOND; // a cell that was never touched has a time long ago
    }

    /** Sets how many requests a second one peer may make; 0: any number. */
    public synchronized void limit(int perSecond) {
        if (perSecond == 0) {
            rate = null;
            return;
        }
        AtomicLongArray cells = table == null ? new AtomicLongArray(ROWS * COLUMNS) : table;
        table = cells;
        long interval = SECOND / perSecond;
        rate = new Rate(interval, interval * (perSecond - 1), cells);
    }

    /** Whether there is a limit. */
    public boolean isLimited() {
        return rate != null;
    }

    /** Requests that were refused. */
    public long refused() {
        return refused.sum();
    }

    /** Whom a request counts for. */
    public long keyOf(InetAddress address) {
        byte[] bytes = address.getAddress();
        long network = 0;
        for (int i = 0; i < Math.min(bytes.length, 8); i++) {
            network = network << 8 | (bytes[i] & 0xff);
        }
        long key = mixed(mixed(network + bytes.length) ^ secret);
        return key == EXEMPT ? 1 : key;
    }

    /**
     * Whom a request counts for.
     *
     * @param address of who has sent it
     * @param trusted proxies, each of which has added the address of who has sent it the request
     * @param forwarded these addresses, the last one added at the end; null: none
     * @return {@link #EXEMPT} if proxies only are known, through which many clients come
     */
    public long keyOf(InetAddress address, Networks trusted, @Nullable String forwarded) {
        InetAddress client = ClientAddress.of(address, trusted, forwarded);
        return client == null ? EXEMPT : keyOf(client);
    }

    /** The finalizer of MurmurHash3: every bit of the argument changes half of the result's. */
    private static long mixed(long value) {
        long x = value;
        x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }

    /** Whether a request would be refused now. */
    public boolean isOver(long key) {
        Rate now = rate;
        return now != null && key != EXEMPT && least(now.cells, key) - time() > now.most;
    }

    /** Counts a request that has been answered already. */
    public void count(long key) {
        Rate now = rate;
        if (now != null && key != EXEMPT) {
            add(now, key, time());
        }
    }

    /**
     * Counts a request, unless it is one too many.
     *
     * @return seconds after which there will be room for one; 0: there is
     */
    public int take(long key) {
        Rate now = rate;
        if (now == null || key == EXEMPT) {
            return 0;
        }
        long time = time();
        long over = least(now.cells, key) - time - now.most;
        if (over > 0) {
            refused.increment();
            return (int) Math.max(1, (over + SECOND - 1) / SECOND);
        }
        add(now, key, time);
        return 0;
    }

    private long time() {
        return clock.getAsLong() - epoch;
    }

    private static int cell(long key, int row) {
        return row * COLUMNS + (int) (key >>> (row * COLUMN_BITS) & (COLUMNS - 1));
    }

    private static long least(AtomicLongArray cells, long key) {
        long least = cells.get(cell(key, 0));
        for (int row = 1; row < ROWS; row++) {
            least = Math.min(least, cells.get(cell(key, row)));
        }
        return least;
    }

    private static void add(Rate rate, long key, long time) {
        for (int row = 0; row < ROWS; row++) {
            int cell = cell(key, row);
            long before;
            do {
                before = rate.cells.get(cell);
            } while (!rate.cells.compareAndSet(cell, before, Math.max(before, time) + rate.interval));
        }
    }
}
