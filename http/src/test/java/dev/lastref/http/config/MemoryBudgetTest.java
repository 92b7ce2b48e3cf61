package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;

    private static MemoryBudget budget(long limit) {
        return new MemoryBudget(limit, "the cgroup's memory limit is", 96 * MIB, 32 * MIB);
    }

    @Test
    void whatFitsToTheByteIsTaken() {
        assertThatCode(() -> budget(512 * MIB).requireRoomFor(256 * MIB)).doesNotThrowAnyException();
        assertThatThrownBy(() -> budget(512 * MIB - 1).requireRoomFor(256 * MIB))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void theRefusalShowsTheSumAndWhatCanBeChanged() {
        assertThatThrownBy(() -> budget(512 * MIB).requireRoomFor(1024 * MIB))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "lastref.pool.size = 1024 MiB does not fit: the cgroup's memory limit is 512 MiB, and the process"
                                + " may come to use 1280 MiB = pool 1024 MiB + heap 96 MiB (-Xmx) + direct buffers 32 MiB"
                                + " (-XX:MaxDirectMemorySize) + the JVM's own 96 MiB + sockets 32 MiB; set lastref.pool.size to at"
                                + " most 256MiB, or raise the limit, give the heap less by -Xmx, or set lastref.memory.limit=none to"
                                + " go without this check");
    }

    @Test
    void whereNoPoolFitsThatIsSaid() {
        assertThatThrownBy(() -> budget(128 * MIB).requireRoomFor(MIB))
                .hasMessageContaining("no pool has room: raise the limit");
    }

    @Test
    void aPoolThatNoNumberCanSumDoesNotFit() {
        assertThatThrownBy(() -> budget(512 * MIB).requireRoomFor(Long.MAX_VALUE / 2))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void aLimitThatIsGivenCounts() {
        assertThatThrownBy(() -> MemoryBudget.ofThisProcess(64 * MIB).requireRoomFor(MIB))
                .hasMessageContaining("lastref.memory.limit is 64 MiB");
        assertThatCode(() -> MemoryBudget.ofThisProcess(Long.MAX_VALUE).requireRoomFor(1L << 50))
                .doesNotThrowAnyException();
    }

    @Test
    void withoutOneTheMachineCounts() {
        assertThatThrownBy(() -> MemoryBudget.ofThisProcess(null).requireRoomFor(1L << 50))
                .hasMessageContaining(" MiB, and the process may come to use ");
    }
}
