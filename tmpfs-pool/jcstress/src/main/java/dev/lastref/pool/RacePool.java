package dev.lastref.pool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The pool that the races of one JVM share, and what they do to it. It ends with the JVM. */
final class RacePool {
    static final int SEGMENT = 256 * 1024;

    private static final int LENGTH = 64;
    private static final Map<Extent, Integer> LET_GO = new ConcurrentHashMap<>();
    private static final PoolConfig CONFIG = PoolConfig.of(256L << 20)
            .withSegmentSize(SEGMENT)
            .withListener(new PoolListener() {
                @Override
                public void extentLetGo(Extent extent) {
                    LET_GO.merge(extent, 1, Integer::sum);
                }
            });
    private static final TmpfsPool POOL = open();
    private static final Evacuator EVACUATOR = new Evacuator(POOL.account(), CONFIG);

    private RacePool() {}

    private static TmpfsPool open() {
        try {
            return TmpfsPool.open(CONFIG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Room for an extent; waits for the proof where it is short. */
    static ExtentWriter writer() {
        ExtentWriter writer = POOL.tryAllocate(LENGTH);
        while (writer == null) {
            Thread.onSpinWait();
            writer = POOL.tryAllocate(LENGTH);
        }
        return writer;
    }

    /** Half of an extent's bytes, none of which is zero, as fresh memory is. */
    static void appendHalf(ExtentWriter writer) {
        try {
            byte[] bytes = new byte[LENGTH / 2];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = expected(writer.written() + i);
            }
            if (!writer.append(ByteBuffer.wrap(bytes))) {
                throw new IllegalStateException("no room in what was reserved");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Extent written() {
        ExtentWriter writer = writer();
        appendHalf(writer);
        appendHalf(writer);
        return writer.commit();
    }

    private static byte expected(long position) {
        return (byte) (position + 1);
    }

    /** Reads what is published: that many halves, or -1 for a wrong byte. */
    static int halvesRead(Transmission transmission) {
        int read = 0;
        while (transmission.available() > 0) {
            ByteBuffer bytes = transmission.peek(LENGTH);
            for (int i = bytes.position(); i < bytes.limit(); i++) {
                if (bytes.get(i) != expected(transmission.position() + i - bytes.position())) {
                    return -1;
                }
            }
            read += bytes.remaining();
            transmission.advance(bytes.remaining());
        }
        return read % (LENGTH / 2) == 0 ? read / (LENGTH / 2) : -1;
    }

    /** For races of a segment's account alone; nothing is written to it. */
    static Segment segmentWithoutFile(int size) {
        return new Segment(0, SegmentState.FILLING, null, size);
    }

    /** For races of segments' states; nothing is written to them. */
    @SuppressWarnings("NullAway") // the files are never asked for
    static SegmentAccount accountWithoutFiles() {
        return new SegmentAccount(CONFIG, (id, size) -> null);
    }

    /** An extent that has no room yet. */
    static Extent begun() {
        return new Extent(POOL, Long.MAX_VALUE / 4);
    }

    /** Whether it was moved out of where it lies. */
    static boolean move(Extent extent) {
        Placement placement = extent.placement();
        try {
            return placement != null && EVACUATOR.move(extent, placement.slices()[0].segment()) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often nobody held the extent any more; forgets it. */
    static int timesLetGo(Extent extent) {
        Integer times = LET_GO.remove(extent);
        return times == null ? 0 : times;
    }
}
