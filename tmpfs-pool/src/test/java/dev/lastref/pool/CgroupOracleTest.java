package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.MemoryCgroup;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The pool's account beside that of the memory cgroup that it runs in, of version 1 or 2: a workload from a seed in a process of its own,
 * whose cgroup says how much shared memory it is charged for, which is the pool's alone.
 */
@Timeout(180)
class CgroupOracleTest {
    private static final long CAPACITY = 16 << 20;
    private static final int ROUNDS = 6;
    /** The kernel charges in batches of 64 pages a CPU (MEMCG_CHARGE_BATCH). */
    private static final long SLACK = 64L * 4096 * Runtime.getRuntime().availableProcessors();

    private final long seed = System.nanoTime();
    private int looks;

    @Test
    void theCgroupIsNeverChargedMoreThanTheCapacityAndAtRestWhatTheFilesHold() throws Exception {
        System.out.println("CgroupOracleTest: seed " + seed);
        AtomicBoolean watching = new AtomicBoolean(true);
        AtomicLong most = new AtomicLong();
        try (MemoryCgroup cgroup = MemoryCgroup.create();
                ChildJvm pool = ChildJvm.start(
                        cgroup.prefix(), CgroupWorkloadProgram.class, "" + seed, "" + CAPACITY, "" + ROUNDS)) {
            Thread watcher = new Thread(
                    () -> {
                        while (watching.get()) {
                            most.accumulateAndGet(cgroup.sharedMemory(), Math::max);
                        }
                    },
                    "cgroup-watcher");
            watcher.start();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    assertTheSame(cgroup, pool, "round " + round, -1);
                }
                assertTheSame(cgroup, pool, "end", 0);
                assertThat(pool.awaitExit()).isZero();
            } finally {
                watching.set(false);
                watcher.join();
            }
        }
        System.out.println("CgroupOracleTest: at most " + (most.get() >> 10) + " KiB charged");
        assertThat(most.get()).as("seed %d", seed).isBetween(CAPACITY / 4, CAPACITY + SLACK);
    }

    /** Once nothing has changed between two looks at the files, the cgroup's figure between them is theirs. */
    private void assertTheSame(MemoryCgroup cgroup, ChildJvm pool, String what, long expected) throws Exception {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Look before = look(pool);
            long charged = cgroup.sharedMemory();
            Look after = look(pool);
            assertThat(after.account()).as("%s, seed %d", what, seed).isLessThanOrEqualTo(CAPACITY);
            assertThat(after.files()).as("%s, seed %d", what, seed).isLessThanOrEqualTo(before.account());
            assertThat(after.files()).as("%s: at rest, seed %d", what, seed).isEqualTo(before.files());
            assertThat(charged)
                    .as("%s: %s, seed %d", what, after, seed)
                    .isBetween(after.files() - SLACK, after.files() + SLACK);
            if (expected >= 0) {
                assertThat(after.account()).as("%s, seed %d", what, seed).isEqualTo(expected);
            }
        });
        pool.say("go on");
    }

    /** What the program says of itself. */
    private record Look(long files, long account) {}

    private Look look(ChildJvm pool) throws Exception {
        String question = "look" + looks++;
        pool.say(question);
        String[] words = pool.awaitLine(question + " ").split(" ");
        return new Look(Long.parseLong(words[1]), Long.parseLong(words[2]));
    }
}
