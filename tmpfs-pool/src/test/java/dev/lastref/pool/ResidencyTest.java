package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.linux.TestCalls;
import dev.lastref.pool.linux.TmpfsFile;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.SwapFile;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is in swap is seen, and where there is none nobody is asked. */
@Timeout(120)
class ResidencyTest {
    private static final int SEGMENT = 256 * 1024;

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong jumped = new AtomicLong();
    private volatile boolean swapIsOn;
    /** The number of the first segment that is not. */
    private volatile int swappedOutFrom = 1;

    private volatile IOException failure;

    /** Files of which the test says whether they are in memory. */
    private final SegmentFiles files = new SegmentFiles() {
        @Override
        public TmpfsFile create(int id, int size) throws IOException {
            TmpfsFile file = SegmentFiles.MEMFD.create(id, size);
            return (TmpfsFile) Proxy.newProxyInstance(
                    TmpfsFile.class.getClassLoader(), new Class<?>[] {TmpfsFile.class}, (proxy, method, arguments) -> {
                        if (!method.getName().equals("isResident")) {
                            return method.invoke(file, arguments);
                        }
                        asked.incrementAndGet();
                        if (failure != null) {
                            throw failure;
                        }
                        return id < swappedOutFrom;
                    });
        }

        @Override
        public SwapWatch.Source swap() {
            return () -> swapIsOn;
        }
    };

    private TmpfsPool open() throws IOException {
        return TmpfsPool.open(
                PoolConfig.of(16L * SEGMENT)
                        .withNanoClock(() -> System.nanoTime() + jumped.get())
                        .withListener(TestPools.watching(PoolListener.NONE)),
                files);
    }

    /** After the time between two looks, by the pool's clock. */
    private void awaitLook(TmpfsPool pool, boolean on) throws IOException {
        jumped.addAndGet(SwapWatch.BETWEEN_LOOKS);
        await().until(() -> {
            Pools.write(pool, 1, 1).release(); // has the reclaimer turn
            return pool.swap().mayBeSwappedOut() == on;
        });
    }

    @Test
    void withoutSwapNobodyIsAskedAndWithItEachSendIsByItsOwnSegments() throws Exception {
        try (TmpfsPool pool = open()) {
            int length = 2 * SEGMENT + 100;
            Extent extent = Pools.write(pool, 7, length);
            try (Transmission transmission = extent.transmit()) {
                assertThat(transmission.residentBytes()).isEqualTo(length);
                assertThat(asked).hasValue(0);

                swapIsOn = true;
                awaitLook(pool, true);
                assertThat(transmission.residentBytes()).isZero();
                assertThat(asked).as("until one is found that is not").hasValue(1);
                swappedOutFrom = Integer.MAX_VALUE;
                assertThat(transmission.residentBytes()).isEqualTo(length);
                assertThat(asked).as("three segments more").hasValue(4);
                transmission.advance(2 * SEGMENT);
                assertThat(transmission.residentBytes()).isEqualTo(100);
                assertThat(asked).as("what is left lies in one").hasValue(5);

                swapIsOn = false;
                awaitLook(pool, false);
                swappedOutFrom = 1;
                assertThat(transmission.residentBytes()).isEqualTo(100);
                assertThat(asked).hasValue(5);
            }
            extent.release();
        }
    }

    @Test
    void onlyWhatComesNextIsLookedAtAndNoMoreThanThatIsSaidToBeInMemory() throws Exception {
        swapIsOn = true;
        int look = Transmission.LOOK;
        int length = look + 3 * SEGMENT;
        try (TmpfsPool pool = open()) {
            awaitLook(pool, true);
            Extent extent = Pools.write(pool, 7, length);
            Segment last = extent.openPlacement().sliceAt(length - 1).segment();
            swappedOutFrom = last.id(); // a page at the end is in swap
            asked.set(0);
            try (Transmission transmission = extent.transmit()) {
                assertThat(transmission.residentBytes()).isEqualTo(look);
                assertThat(asked.get()).isBetween(look / SEGMENT, look / SEGMENT + 1);
                List<Long> offered = new ArrayList<>();
                assertThat(transmission.transferTo(
                                (file, position, count) -> {
                                    offered.add(count);
                                    return count;
                                },
                                transmission.residentBytes()))
                        .isEqualTo(look);
                assertThat(offered.stream().mapToLong(Long::longValue).sum()).isEqualTo(look);
                assertThat(transmission.residentBytes())
                        .as("the last one is in the way")
                        .isZero();
            }
            extent.release();
        }
    }

    @Test
    void whatIsBroughtInIsCountedOnceAndStaysWhereItIsMeanwhile() throws Exception {
        swapIsOn = true;
        int length = 2 * SEGMENT;
        Queue<Runnable> waiting = new ArrayDeque<>();
        AtomicInteger went = new AtomicInteger();
        try (TmpfsPool pool = open()) {
            awaitLook(pool, true);
            Extent extent = Pools.write(pool, 7, length);
            try (Transmission transmission = extent.transmit()) {
                assertThat(transmission.residentBytes()).isZero();
                transmission.bringIn(waiting::add, went::incrementAndGet);
                transmission.bringIn(waiting::add, went::incrementAndGet);
                assertThat(waiting).as("one is on its way").hasSize(1);
                assertThat(transmission.residentBytes()).isZero();
                waiting.remove().run();
                assertThat(went).hasValue(1);
                assertThat(transmission.residentBytes()).isEqualTo(length);
                assertThat(transmission.residentBytes())
                        .as("it may have been swapped out again")
                        .isZero();

                transmission.bringIn(waiting::add, went::incrementAndGet);
                extent.release();
            }
            // Nothing else holds it, and it is still to be read by that thread.
            assertThat(pool.snapshot().extents()).isEqualTo(1);
            waiting.remove().run();
            assertThat(went).hasValue(2);
            await().until(() -> pool.snapshot().usedBytes() == 0);
        }
    }

    @Test
    void whereTheThreadsHaveStoppedTheCallerBringsItIn() throws Exception {
        swapIsOn = true;
        AtomicInteger went = new AtomicInteger();
        try (TmpfsPool pool = open()) {
            awaitLook(pool, true);
            Extent extent = Pools.write(pool, 7, 100);
            try (Transmission transmission = extent.transmit()) {
                transmission.bringIn(
                        work -> {
                            throw new RejectedExecutionException();
                        },
                        went::incrementAndGet);
                assertThat(went).hasValue(1);
                assertThat(transmission.residentBytes()).isEqualTo(100);
            }
            extent.release();
        }
    }

    @Test
    void whereTheKernelDoesNotSayNobodyIsAskedAgain() throws Exception {
        swapIsOn = true;
        failure = new IOException("cachestat: Function not implemented (made to fail)");
        try (TmpfsPool pool = open()) {
            Extent extent = Pools.write(pool, 7, SEGMENT);
            await().until(() -> pool.swap().mayBeSwappedOut());
            try (Transmission transmission = extent.transmit()) {
                assertThat(transmission.residentBytes()).isEqualTo(SEGMENT);
                assertThat(transmission.residentBytes()).isEqualTo(SEGMENT);
                assertThat(asked).hasValue(1);
            }
            extent.release();
        }
    }

    @Test
    void theKernelSaysOfPagesThatWereSwappedOutThatTheyAreNotInMemoryAndTheyComeBackRight() throws Exception {
        try (TmpfsPool pool = TestPools.open(16L * SEGMENT);
                SwapFile swap = SwapFile.on(32);
                Loopback connection = Loopback.open(SlowReader.expecting(7))) {
            Extent extent = Pools.write(pool, 7, SEGMENT);
            TmpfsFile file = extent.openPlacement().slices()[0].segment().file();
            assertThat(file.isResident(0, SEGMENT)).isTrue();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                TestCalls.swapOutMemfds();
                return !file.isResident(0, SEGMENT);
            });
            connection.reader().goOn();
            try (Transmission transmission = extent.transmit()) {
                transmission.bringIn(Runnable::run, () -> {});
                assertThat(file.isResident(0, SEGMENT)).isTrue();
                await().until(() -> {
                    transmission.transferTo(connection.sink());
                    return transmission.position() == SEGMENT;
                });
            }
            connection.reader().awaitReceived(SEGMENT);
            assertThat(file.isResident(0, SEGMENT)).isTrue();
            extent.release();
        }
    }
}
