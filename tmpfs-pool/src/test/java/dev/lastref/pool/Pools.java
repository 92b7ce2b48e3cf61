package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** What the tests of this package do to pools again and again. */
final class Pools {
    private Pools() {}

    /** A pool with files of the test's, watched. The test closes it. */
    static TmpfsPool open(PoolConfig config, SegmentFiles files) {
        try {
            return TmpfsPool.open(config.withListener(TestPools.watching(config.listener())), files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes an extent of known length with the bytes of a seed. The pool must have room for it. */
    static Extent write(TmpfsPool pool, long seed, int length) throws IOException {
        ExtentWriter writer = pool.tryAllocate(length);
        assertThat(writer)
                .as("room for %d bytes in %s", length, pool.snapshot())
                .isNotNull();
        assertThat(append(writer, seed, length)).isTrue();
        return writer.commit();
    }

    /** Appends the next bytes of a seed. */
    static boolean append(ExtentWriter writer, long seed, int length) throws IOException {
        return writer.append(ByteBuffer.wrap(SeededBytes.of(seed, writer.written(), length)));
    }

    /** Reads what can be read now through the mapping and compares it with a seed. */
    static void assertReads(Transmission transmission, long seed) {
        while (transmission.available() > 0) {
            ByteBuffer next = transmission.peek(Integer.MAX_VALUE);
            int length = next.remaining();
            assertThat(length).isPositive();
            assertThat(SeededBytes.firstMismatch(next, seed, transmission.position()))
                    .as("first wrong byte of seed %d", seed)
                    .isEqualTo(-1);
            transmission.advance(length);
        }
    }

    /** Reads all of a live extent and compares it with a seed. */
    static void assertHolds(Extent extent, long seed, long length) {
        try (Transmission transmission = extent.transmit()) {
            assertThat(transmission).isNotNull();
            assertThat(transmission.available()).isEqualTo(length);
            assertReads(transmission, seed);
        }
    }

    static long sum(PoolSnapshot snapshot) {
        return snapshot.bytes().values().stream().mapToLong(Long::longValue).sum();
    }
}
