package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;
    private static final long SOCKETS = MemoryBudget.sockets(10_000, 512 * 1024);

    private static MemoryBudget budget(long limit) {
        return budget(limit, /* given= */ true);
    }

    private static MemoryBudget budget(long limit, boolean given) {
        return new MemoryBudget(
                limit,
                "the cgroup's memory limit is",
                new MemoryBudget.Bound(96 * MIB, given),
                new MemoryBudget.Bound(32 * MIB, given));
    }

    @Test
    void whatFitsToTheByteIsTaken() {
        assertThatCode(() -> budget(528 * MIB).requireRoomFor(256 * MIB, SOCKETS))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> budget(528 * MIB - 1).requireRoomFor(256 * MIB, SOCKETS))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void withoutAWordAboutItNoMoreIsTakenOutsideTheHeapThanTheJvmLets() {
        MemoryBudget.Bound none = new MemoryBudget.Bound(0, false);
        assertThat(MemoryBudget.direct(none, 96 * MIB)).isEqualTo(new MemoryBudget.Bound(32 * MIB, false));
        assertThat(MemoryBudget.direct(none, 20 * MIB)).isEqualTo(new MemoryBudget.Bound(20 * MIB, false));
        MemoryBudget.Bound given = new MemoryBudget.Bound(64 * MIB, true);
        assertThat(MemoryBudget.direct(given, 20 * MIB)).isEqualTo(given);
    }

    @Test
    void theIndexHasWhatTheHeapHasRoomFor() {
        assertThat(budget(528 * MIB).indexHeap(null)).isBetween(42 * MIB, 43 * MIB);
        assertThat(budget(528 * MIB).indexHeap(80 * MIB)).isEqualTo(80 * MIB);
    }

    @Test
    void anIndexThatIsToHaveAllOfTheHeapIsRefused() {
        assertThatThrownBy(() -> budget(528 * MIB).indexHeap(96 * MIB))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "lastref.cache.heap = 96 MiB, and the heap may have 96 MiB (-Xmx) for all there is; set it to less,"
                                + " lastref.cache.heap=auto for 43 MiB, or give the heap more by -Xmx");
    }

    @Test
    void theRefusalShowsTheSumAndWhatCanBeChanged() {
        assertThatThrownBy(() -> budget(528 * MIB).requireRoomFor(1024 * MIB, SOCKETS))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "lastref.pool.size = 1024 MiB does not fit: the cgroup's memory limit is 528 MiB, and the process"
                                + " may come to use 1296 MiB = pool 1024 MiB + heap 96 MiB (-Xmx) + direct buffers 32 MiB"
                                + " (-XX:MaxDirectMemorySize) + the JVM's own 96 MiB + sockets 48 MiB; set lastref.pool.size to at"
                                + " most 256MiB, or raise the limit, give the heap less by -Xmx, or set lastref.memory.limit=none to"
                                + " go without this check");
    }

    @Test
    void anOptionThatNobodyGaveIsNotNamedAsTheReason() {
        assertThatThrownBy(() -> budget(528 * MIB, /* given= */ false).requireRoomFor(1024 * MIB, SOCKETS))
                .hasMessageContainingAll(
                        "heap 96 MiB (what this JVM takes by itself, without -Xmx)",
                        "direct buffers 32 MiB (an allowance, without -XX:MaxDirectMemorySize)",
                        "give the heap less by -Xmx");
    }

    /** Of this JVM it is the same question, whatever its options are. */
    @Test
    void whatTheJvmWasGivenIsKnown() {
        boolean given = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .anyMatch(argument -> argument.startsWith("-Xmx"));
        assertThatThrownBy(() -> MemoryBudget.ofThisProcess(MIB).requireRoomFor(MIB, SOCKETS))
                .hasMessageContaining(given ? " MiB (-Xmx) " : " MiB (what this JVM takes by itself, without -Xmx) ");
    }

    @Test
    void whereNoPoolFitsThatIsSaid() {
        assertThatThrownBy(() -> budget(128 * MIB).requireRoomFor(MIB, SOCKETS))
                .hasMessageContaining("no pool has room: raise the limit");
    }

    @Test
    void aPoolThatNoNumberCanSumDoesNotFit() {
        assertThatThrownBy(() -> budget(528 * MIB).requireRoomFor(Long.MAX_VALUE / 2, SOCKETS))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void aLimitThatIsGivenCounts() {
        assertThatThrownBy(() -> MemoryBudget.ofThisProcess(64 * MIB).requireRoomFor(MIB, SOCKETS))
                .hasMessageContaining("lastref.memory.limit is 64 MiB");
        assertThatCode(() -> MemoryBudget.ofThisProcess(Long.MAX_VALUE).requireRoomFor(1L << 50, SOCKETS))
                .doesNotThrowAnyException();
    }

    @Test
    void withoutOneTheMachineCounts() {
        assertThatThrownBy(() -> MemoryBudget.ofThisProcess(null).requireRoomFor(1L << 50, SOCKETS))
                .hasMessageContaining(" MiB, and the process may come to use ");
    }

    @Test
    void socketsHaveRoomForWhatClientsHoldThatTakeNothing() {
        assertThat(SOCKETS).isEqualTo(48 * MIB);
        assertThat(MemoryBudget.sockets(10_000, MIB)).as("a higher limit").isEqualTo((16 + 64) * MIB);
        assertThat(MemoryBudget.sockets(10, MIB)).as("fewer clients").isEqualTo((16 + 10) * MIB);
        assertThat(MemoryBudget.sockets(10_000, 1024 * MIB))
                .as("as good as none")
                .isEqualTo((16 + 64 * 4) * MIB);
    }
}
