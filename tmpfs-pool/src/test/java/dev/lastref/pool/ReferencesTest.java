package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lastref.pool.References.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReferencesTest {
    private final References references = new References();

    @Test
    void besideASendThatRunsAnotherBeginsThoughAllOwnersAreGone() {
        assertThat(references.tryAddSend()).isTrue();
        assertThat(references.releaseOwner()).isEqualTo(Change.DIED);
        references.addSendBeside();
        assertThat(references.releaseSend()).isEqualTo(Change.NONE);
        assertThat(references.releaseSend()).isEqualTo(Change.LET_GO);
        assertThatIllegalStateException().isThrownBy(references::addSendBeside);
    }

    @Test
    void beginsWithOneOwner() {
        assertThat(references.isOwned()).isTrue();
        assertThat(references.sends()).isZero();
        assertThat(references.releaseOwner()).isEqualTo(Change.DIED_AND_LET_GO);
        assertThat(references.isOwned()).isFalse();
    }

    @Test
    void diesWithTheLastOwnerOnly() {
        assertThat(references.tryAddOwner()).isTrue();
        assertThat(references.releaseOwner()).isEqualTo(Change.NONE);
        assertThat(references.isOwned()).isTrue();
        assertThat(references.releaseOwner()).isEqualTo(Change.DIED_AND_LET_GO);
    }

    @Test
    void theDeadAreNotRevived() {
        assertThat(references.tryAddSend()).isTrue();
        assertThat(references.releaseOwner()).isEqualTo(Change.DIED);
        assertThat(references.tryAddOwner()).isFalse();
        assertThat(references.tryAddSend()).isFalse();
        assertThat(references.sends()).isEqualTo(1);
    }

    @Test
    void theLastSendOfTheDeadLetsGo() {
        references.tryAddSend();
        references.tryAddSend();
        references.releaseOwner();
        assertThat(references.releaseSend()).isEqualTo(Change.NONE);
        assertThat(references.releaseSend()).isEqualTo(Change.LET_GO);
    }

    @Test
    void aSendThatEndsBeforeTheOwnerGoesChangesNothing() {
        references.tryAddSend();
        assertThat(references.releaseSend()).isEqualTo(Change.NONE);
        assertThat(references.releaseOwner()).isEqualTo(Change.DIED_AND_LET_GO);
    }

    @Test
    void oneReleaseTooManyThrowsAndChangesNothing() {
        references.tryAddSend();
        references.releaseOwner();
        assertThatIllegalStateException().isThrownBy(references::releaseOwner);
        assertThat(references.releaseSend()).isEqualTo(Change.LET_GO);
        assertThatIllegalStateException().isThrownBy(references::releaseSend);
        assertThatIllegalStateException().isThrownBy(references::releaseOwner);
    }

    @Test
    void aSendTooManyDoesNotTakeAnOwner() {
        assertThatIllegalStateException().isThrownBy(references::releaseSend);
        assertThat(references.isOwned()).isTrue();
    }

    @Test
    void underContentionExactlyOneCallerSeesTheDeathAndExactlyOneTheLettingGo() throws Exception {
        int threads = 4;
        long seed = System.nanoTime();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 2_000; round++) {
                contend(executor, threads, seed + round);
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void contend(ExecutorService executor, int threads, long seed) throws Exception {
        References shared = new References();
        AtomicInteger deaths = new AtomicInteger();
        AtomicInteger lettingsGo = new AtomicInteger();
        AtomicInteger after = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(threads + 1);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Random random = new Random(seed * threads + i);
            all.add(executor.submit(() -> {
                start.await();
                for (int turn = 0; turn < 20; turn++) {
                    boolean owner = random.nextBoolean();
                    if (owner ? shared.tryAddOwner() : shared.tryAddSend()) {
                        if (lettingsGo.get() > 0) {
                            after.incrementAndGet();
                        }
                        count(owner ? shared.releaseOwner() : shared.releaseSend(), deaths, lettingsGo);
                    }
                }
                return null;
            }));
        }
        start.await();
        count(shared.releaseOwner(), deaths, lettingsGo);
        for (Future<?> each : all) {
            each.get(10, TimeUnit.SECONDS);
        }
        assertThat(deaths).as("deaths, seed %d", seed).hasValue(1);
        assertThat(lettingsGo).as("lettings go, seed %d", seed).hasValue(1);
        assertThat(after)
                .as("additions after the last letting go, seed %d", seed)
                .hasValue(0);
        assertThat(shared.isOwned()).isFalse();
    }

    private static void count(Change change, AtomicInteger deaths, AtomicInteger lettingsGo) {
        if (change == Change.DIED || change == Change.DIED_AND_LET_GO) {
            deaths.incrementAndGet();
        }
        if (change == Change.LET_GO || change == Change.DIED_AND_LET_GO) {
            lettingsGo.incrementAndGet();
        }
    }
}
