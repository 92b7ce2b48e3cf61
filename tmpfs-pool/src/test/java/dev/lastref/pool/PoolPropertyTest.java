package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.SeededBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;

/** Whatever is done to a pool in whatever order, the account is right, the bytes are right, and all of it comes back. */
class PoolPropertyTest {
    private static final int SEGMENT = 16 * 1024;
    private static final long CAPACITY = 16 * SEGMENT;

    private static final boolean PUNCHING = KernelProbe.run().punchingIsSafe();
    private static final AtomicLong PUNCHED = new AtomicLong();

    @AfterContainer
    static void pagesWerePunchedToo() {
        System.out.println("PoolPropertyTest: " + PUNCHED + " bytes punched");
        assertThat(PUNCHED.get() > 0).isEqualTo(PUNCHING);
    }

    /** What can be done to a pool. */
    enum Kind {
        ALLOCATE,
        ALLOCATE_UNKNOWN,
        APPEND,
        FINISH,
        ABORT,
        RETAIN,
        RELEASE,
        TRANSMIT,
        READ,
        SEND,
        CLOSE,
        RESIZE,
        EVACUATE,
        EXPIRE
    }

    /**
     * One step.
     *
     * @param which picks the writer, extent or transmission that it is done to
     * @param size bytes, where it takes any
     */
    record Step(Kind kind, int which, int size) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> sizes = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.integers().between(1, 3_000)),
                Tuple.of(3, Arbitraries.integers().between(1, 3 * SEGMENT)),
                Tuple.of(1, Arbitraries.of(4095, 4096, 4097, SEGMENT - 1, SEGMENT, SEGMENT + 1)));
        return Combinators.combine(
                        Arbitraries.of(Kind.class), Arbitraries.integers().between(0, 1_000), sizes)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(80);
    }

    @Property(tries = 500, shrinking = ShrinkingMode.BOUNDED)
    void theAccountAndTheBytesAreRightAfterEachStepAndAllComesBack(@ForAll("steps") List<Step> steps)
            throws IOException {
        AtomicLong jumped = new AtomicLong();
        PoolConfig config = PoolConfig.of(1 << 20)
                .withSegmentSize(SEGMENT)
                .withCapacity(CAPACITY)
                .withPackBelow(2_048)
                .withNanoClock(() -> System.nanoTime() + jumped.get())
                .withUnprovenFor(Duration.ofMillis(20))
                .withPunching(PUNCHING)
                .withListener(new PoolListener() {
                    @Override
                    public void reclaimedByPunching(long bytes) {
                        PUNCHED.addAndGet(bytes);
                    }
                });
        try (TmpfsPool pool = TmpfsPool.open(config)) {
            Model model = new Model(pool, config, jumped);
            try {
                for (Step step : steps) {
                    model.take(step);
                    model.check();
                }
                model.compareAll();
            } finally {
                model.letGoOfAll(); // also after a failure, which would else be every later test's too
            }
            long target = pool.target();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> pool.snapshot().bytes(Use.FREE) == target);
            assertThat(pool.account().freeBytes()).isEqualTo(target);
            assertThat(pool.snapshot().extents()).isZero();
            assertThat(pool.snapshot().transmissions()).isZero();
        }
        assertThat(Memfds.open()).isZero();
    }

    /** What the pool must be like, by what was done to it. */
    private static final class Model {
        private final TmpfsPool pool;
        private final AtomicLong jumped;
        private final LongSupplier clock;
        private final Evacuator evacuator;
        private final List<Content> contents = new ArrayList<>();
        private final List<Send> sends = new ArrayList<>();
        /** Whom the kernel does not know: all that it was sent has drained. */
        private final Peer peer;

        private long seed;

        Model(TmpfsPool pool, PoolConfig config, AtomicLong jumped) {
            this.pool = pool;
            this.jumped = jumped;
            this.clock = config.nanoClock();
            this.evacuator = new Evacuator(pool.account(), config);
            InetAddress loopback = InetAddress.getLoopbackAddress();
            this.peer = pool.ledger()
                    .peer(new InetSocketAddress(loopback, 1), new InetSocketAddress(loopback, 2), () -> {});
        }

        /** An extent, and what is known of it. */
        private static final class Content {
            final long seed;
            final ExtentWriter writer;
            final Extent extent;
            final long length;
            long written;
            boolean finished;
            int owners = 1;

            Content(long seed, ExtentWriter writer, long length) {
                this.seed = seed;
                this.writer = writer;
                this.extent = writer.extent();
                this.length = length;
            }
        }

        private record Send(Content content, Transmission transmission) {}

        void take(Step step) throws IOException {
            switch (step.kind()) {
                case ALLOCATE -> allocate(step.size(), lifetime(step));
                case ALLOCATE_UNKNOWN -> allocateUnknown(lifetime(step));
                case APPEND -> append(step);
                case FINISH -> finish(step);
                case ABORT -> abort(step);
                case RETAIN -> retain(step);
                case RELEASE -> release(step);
                case TRANSMIT -> transmit(step);
                case READ -> read(step);
                case SEND -> send(step);
                case CLOSE -> close(step);
                case RESIZE -> pool.resize(SEGMENT * (4L + step.which() % 40));
                case EVACUATE -> evacuate(step);
                case EXPIRE -> expire(step);
            }
        }

        /** From a second to nine hours. */
        private static long lifetime(Step step) {
            return TimeUnit.SECONDS.toNanos(1L << step.which() % 16);
        }

        private void allocate(int length, long lifetime) {
            long fits = freeSegments() * SEGMENT;
            ExtentWriter writer = pool.tryAllocate(length, lifetime);
            if (writer != null) {
                contents.add(new Content(seed++, writer, length));
            } else {
                assertThat(length).as("refused").isGreaterThan((int) fits);
            }
        }

        /** Which can only have become more meanwhile; what is kept for moves is not for writers. */
        private long freeSegments() {
            return (pool.snapshot().bytes(Use.FREE) - pool.account().budget().keptForMoves()) / SEGMENT;
        }

        private void allocateUnknown(long lifetime) {
            long fits = freeSegments() * SEGMENT;
            ExtentWriter writer = pool.tryAllocateGrowing(lifetime);
            if (writer != null) {
                contents.add(new Content(seed++, writer, -1));
            } else {
                assertThat(fits).as("free, yet refused").isLessThan(SEGMENT);
            }
        }

        private void append(Step step) throws IOException {
            Content content = pick(step, false);
            if (content != null) {
                int most = content.length == -1
                        ? step.size()
                        : (int) Math.min(step.size(), content.length - content.written);
                ByteBuffer bytes = ByteBuffer.wrap(SeededBytes.of(content.seed, content.written, most));
                boolean all = content.writer.append(bytes);
                assertThat(all).isEqualTo(!bytes.hasRemaining());
                assertThat(all || content.length == -1).isTrue();
                content.written += bytes.position();
            }
        }

        private void finish(Step step) throws IOException {
            Content content = pick(step, false);
            if (content != null) {
                if (content.length > content.written) {
                    append(new Step(Kind.APPEND, step.which(), (int) content.length));
                }
                assertThat(content.writer.commit()).isSameAs(content.extent);
                content.finished = true;
                assertThat(content.extent.chargedBytes()).isEqualTo(content.written);
            }
        }

        /** Moves what is complete out of a segment, whether it is sparse or not, beside what the reclaimer moves. */
        private void evacuate(Step step) throws IOException {
            List<Segment> living = pool.account().segments().stream()
                    .filter(segment -> segment.state() == SegmentState.LIVE)
                    .toList();
            if (!living.isEmpty()) {
                evacuator.evacuate(living.get(step.which() % living.size()));
            }
        }

        /** Lets time pass; every owner of what has expired by then lets go. */
        private void expire(Step step) {
            jumped.addAndGet(lifetime(step));
            long now = clock.getAsLong();
            for (Content content : contents) {
                if (content.finished && content.extent.expiresNanos() - now < 0) {
                    for (; content.owners > 0; content.owners--) {
                        content.extent.release();
                    }
                }
            }
        }

        private void abort(Step step) {
            Content content = pick(step, false);
            if (content != null) {
                content.writer.abort();
                content.finished = true;
                content.owners--;
            }
        }

        private void retain(Step step) {
            Content content = pick(step, true);
            if (content == null) {
                content = pick(step, false);
            }
            if (content != null) {
                boolean retained = content.extent.tryRetain();
                assertThat(retained).isEqualTo(content.owners > 0);
                content.owners += retained ? 1 : 0;
            }
        }

        private void release(Step step) {
            Content content = pick(step, true);
            if (content != null && content.owners > 0) {
                content.extent.release();
                content.owners--;
            }
        }

        private void transmit(Step step) {
            if (!contents.isEmpty()) {
                Content content = contents.get(step.which() % contents.size());
                Transmission transmission = content.extent.transmit(step.which(), Long.MAX_VALUE);
                assertThat(transmission != null).isEqualTo(content.owners > 0);
                if (transmission != null) {
                    sends.add(new Send(content, step.which() % 3 == 0 ? transmission : transmission.to(peer)));
                }
            }
        }

        private void read(Step step) {
            if (!sends.isEmpty()) {
                Send send = sends.get(step.which() % sends.size());
                Pools.assertReads(send.transmission(), send.content().seed);
                assertThat(send.transmission().position()).isGreaterThanOrEqualTo(send.content().written);
            }
        }

        /** Part of it through the file, as sendfile would. */
        private void send(Step step) throws IOException {
            if (!sends.isEmpty()) {
                Send send = sends.get(step.which() % sends.size());
                long[] left = {step.size()};
                long[] at = {send.transmission().position()};
                send.transmission().transferTo((file, position, count) -> {
                    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count, left[0]));
                    int n = bytes.hasRemaining() ? file.read(bytes, position) : 0;
                    assertThat(SeededBytes.firstMismatch(bytes.flip(), send.content().seed, at[0]))
                            .isEqualTo(-1);
                    at[0] += n;
                    left[0] -= n;
                    return n;
                });
                assertThat(send.transmission().position()).isEqualTo(at[0]);
            }
        }

        private void close(Step step) {
            if (!sends.isEmpty()) {
                sends.remove(step.which() % sends.size()).transmission().close();
            }
        }

        private Content pick(Step step, boolean finished) {
            List<Content> some = contents.stream()
                    .filter(content -> content.finished == finished && (finished || content.owners > 0))
                    .toList();
            return some.isEmpty() ? null : some.get(step.which() % some.size());
        }

        void check() {
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(Pools.sum(snapshot)).isEqualTo(snapshot.capacity());
            assertThat(snapshot.capacity()).isEqualTo(Math.max(snapshot.target(), snapshot.usedBytes()));
            assertThat(snapshot.bytes().values()).allMatch(bytes -> bytes >= 0);
            assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(snapshot.capacity() - snapshot.bytes(Use.UNPROVEN));
            // An extent that is just being moved lives in both places until the new one takes over, and if it died
            // meanwhile it is
            // held until the move ends.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> {
                        PoolSnapshot settled = pool.snapshot();
                        assertThat(settled.bytes(Use.LIVE))
                                .isEqualTo(contents.stream()
                                        .filter(content -> content.owners > 0)
                                        .mapToLong(content -> content.extent.chargedBytes())
                                        .sum());
                        assertThat(settled.extents()).isEqualTo((int)
                                contents.stream().filter(this::isHeld).count());
                    });
            assertThat(snapshot.transmissions()).isEqualTo(sends.size());
            for (Content content : contents) {
                assertThat(content.extent.published()).isEqualTo(content.written);
                assertThat(content.extent.isLive()).isEqualTo(content.owners > 0);
            }
        }

        private boolean isHeld(Content content) {
            return content.owners > 0 || sends.stream().anyMatch(send -> send.content() == content);
        }

        void compareAll() {
            sends.forEach(send -> Pools.assertReads(send.transmission(), send.content().seed));
            for (Content content : contents) {
                if (content.owners > 0) {
                    Pools.assertHolds(content.extent, content.seed, content.written);
                }
            }
        }

        void letGoOfAll() {
            sends.forEach(send -> send.transmission().close());
            for (Content content : contents) {
                if (!content.finished) {
                    content.writer.abort();
                    content.owners--;
                }
                for (; content.owners > 0; content.owners--) {
                    content.extent.release();
                }
            }
        }
    }
}
