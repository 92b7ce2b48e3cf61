package dev.lastref.http.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.CacheConfig;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all hold together, beside the index, and what is left to it. */
class HeapAccountTest {
    private static final long MIB = 1 << 20;
    private static final long HEAP = 96 * MIB;
    private static final long USUAL = CacheConfig.heapFor(HEAP);

    private final HeapAccount account = new HeapAccount(HEAP);
    private final HeapShare connections = account.connections();
    private final HeapShare requests = account.requests();
    private final HeapShare http2 = account.http2();
    private final HeapShare heads = account.originHeads();

    @Test
    void theSharesAreMoreThanThereIsAndTheirSumIsBoundedNonetheless() {
        assertThat(connections.most() + requests.most() + http2.most() + heads.most())
                .isGreaterThan(account.most());
        while (connections.take(1000) || requests.take(1000) || http2.take(1000) || heads.take(1000)) {
            assertThat(account.held()).isLessThanOrEqualTo(account.most());
        }
        assertThat(account.held()).isGreaterThan(account.most() - 1000);
    }

    @Test
    void connectionsLeaveAPartOfItToWhatIsAskedOnThem() {
        while (connections.take(1000)) {
            assertThat(requests.isExhausted()).isFalse();
        }
        assertThat(requests.take(2 * MIB)).isTrue();
        assertThat(requests.take(2 * MIB)).isFalse();
        assertThat(connections.take(1)).isFalse();
        connections.give(3 * MIB);
        assertThat(connections.take(1)).isTrue();
    }

    @Test
    void whatRunsIsCountedTooAndNothingIsTakenWhereItIsTooMuch() {
        AtomicInteger running = new AtomicInteger();
        account.count(() -> running.get() * 2500L);
        assertThat(requests.isExhausted()).isFalse();
        running.set((int) (account.most() / 2500) + 1);
        assertThat(account.held()).isEqualTo(running.get() * 2500L);
        assertThat(requests.isExhausted()).isTrue();
        assertThat(requests.isScarce()).as("of its own share nothing is used").isFalse();
        assertThat(requests.take(1)).isFalse();
        assertThat(http2.take(1)).isFalse();
        assertThat(connections.take(1)).isFalse();
    }

    @Test
    void theIndexHasWhatItIsGivenWhileOthersHoldLittleAndTheRestWhereTheyHoldMore() {
        assertThat(account.ofIndex(USUAL)).isEqualTo(USUAL);
        connections.add(10 * MIB);
        assertThat(account.ofIndex(USUAL)).isEqualTo(USUAL);
        connections.add(20 * MIB);
        assertThat(account.ofIndex(USUAL) + account.held()).isBetween(53 * MIB, 54 * MIB);
        requests.add(5 * MIB);
        assertThat(account.ofIndex(USUAL) + account.held()).isBetween(53 * MIB, 54 * MIB);
        assertThat(account.ofIndex(MIB)).as("less than is left").isEqualTo(MIB);
        requests.give(5 * MIB);
        connections.give(30 * MIB);
        assertThat(account.ofIndex(USUAL)).isEqualTo(USUAL);
    }

    @Test
    void anIndexThatIsGivenMoreThanIsUsualGivesAsMuchMoreBack() {
        long more = 60 * MIB;
        assertThat(account.ofIndex(more)).isEqualTo(more);
        long before = more;
        for (int i = 0; i < 60; i++) {
            connections.add(MIB);
            long now = account.ofIndex(more);
            assertThat(now).isLessThanOrEqualTo(before);
            assertThat(now).as("by and by").isGreaterThan(before - 2 * MIB);
            before = now;
        }
        assertThat(before).isBetween(3 * MIB, 4 * MIB);
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 16, 32, 48, 64, 96, 128, 512, 4096, 1 << 20})
    void theIndexAndAllOthersAreNeverMoreThanTheHeapCarries(long mib) {
        HeapAccount of = new HeapAccount(mib * MIB);
        HeapShare ofConnections = of.connections();
        long usual = CacheConfig.heapFor(mib * MIB);
        for (int i = 0; i <= 100; i++) {
            long index = of.ofIndex(usual);
            assertThat(index).isPositive().isLessThanOrEqualTo(usual);
            assertThat(index + of.held()).isLessThan(mib * MIB / 6 * 5);
            ofConnections.add((of.most() - of.held()) / 50);
        }
        assertThat(ofConnections.most()).isPositive();
    }

    @Test
    void whoGivesWayIsToldOnceMoreIsHeldThanItLeavesByItself() {
        AtomicInteger told = new AtomicInteger();
        account.whenGrown(told::incrementAndGet);
        connections.add(10 * MIB);
        assertThat(requests.take(100)).isTrue();
        assertThat(told).hasValue(0);
        connections.add(MIB);
        assertThat(told).hasValue(1);
        assertThat(requests.take(100)).isTrue();
        assertThat(told).hasValue(2);
        connections.give(2 * MIB);
        requests.add(100);
        assertThat(told).hasValue(2);
    }
}
