package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.MemoryCgroup;
import dev.lastref.pool.testing.TmpfsMount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The pool's account beside that of the memory cgroup that it runs in, of version 1 or 2: a workload from a seed in a process of its own.
 * Its cgroup says how much shared memory is in files, which is the pool's alone. What has left its file and is held by sockets still (K4)
 * is in no such figure; it is what is charged in all less everything else that is.
 */
@Timeout(180)
class CgroupOracleTest {
    private static final long CAPACITY = 16 << 20;
    private static final int ROUNDS = 6;
    /** The kernel charges in batches of 64 pages a CPU (MEMCG_CHARGE_BATCH). */
    private static final long SLACK = 64L * 4096 * Runtime.getRuntime().availableProcessors();
    /** The same for a difference of five such figures. */
    private static final long SLACK_OF_ALL = 5 * SLACK;

    /** On two CPUs the difference is up to 0.7 MiB where nothing is out of its file. */
    private static final long MORE_THAN_NOISE = 1 << 20;

    private final long seed = System.nanoTime();
    private int looks;

    @Test
    void theCgroupIsNeverChargedMoreThanTheCapacityAndAtRestWhatTheFilesHold() throws Exception {
        try (MemoryCgroup cgroup = MemoryCgroup.create()) {
            run(cgroup, true, List.of());
        }
    }

    /** Its files are closed while readers hold their pages, which are then unproven. */
    @Test
    void ofFilesInADirectoryTooWhatIsClosedAndStillHeldIsOnTheAccount() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(4 * CAPACITY);
                MemoryCgroup cgroup = MemoryCgroup.create()) {
            long outOfFiles =
                    run(cgroup, false, List.of(mount.path().resolve("pool").toString()));
            assertThat(outOfFiles).as("of no file, and held; seed %d", seed).isGreaterThan(MORE_THAN_NOISE);
        }
    }

    /** Returns the most bytes that were held and in no file. */
    private long run(MemoryCgroup cgroup, boolean memfds, List<String> directory) throws Exception {
        System.out.println("CgroupOracleTest: seed " + seed);
        AtomicBoolean watching = new AtomicBoolean(true);
        AtomicLong most = new AtomicLong();
        AtomicLong mostHeld = new AtomicLong();
        AtomicLong mostOutOfFiles = new AtomicLong();
        List<String> arguments = new ArrayList<>(List.of("" + seed, "" + CAPACITY, "" + ROUNDS));
        arguments.addAll(directory);
        try (ChildJvm pool =
                ChildJvm.start(cgroup.prefix(), CgroupWorkloadProgram.class, arguments.toArray(String[]::new))) {
            Thread watcher = new Thread(
                    () -> {
                        while (watching.get()) {
                            long before = cgroup.sharedMemory();
                            long held = cgroup.heldSharedMemory();
                            long after = cgroup.sharedMemory();
                            most.accumulateAndGet(after, Math::max);
                            mostHeld.accumulateAndGet(held, Math::max);
                            mostOutOfFiles.accumulateAndGet(held - Math.max(before, after), Math::max);
                        }
                    },
                    "cgroup-watcher");
            // Neither the program's start nor its end is watched: memory that is unmapped leaves the statistics before
            // the charge.
            assertTheSame(cgroup, pool, "beginning", memfds, 0);
            watcher.start();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    pool.say("go on");
                    assertTheSame(cgroup, pool, "round " + round, memfds, -1);
                }
                pool.say("go on");
                assertTheSame(cgroup, pool, "end", memfds, 0);
            } finally {
                watching.set(false);
                watcher.join();
            }
            pool.say("go on");
            assertThat(pool.awaitExit()).isZero();
        }
        System.out.printf(
                "CgroupOracleTest: at most %d KiB in files, %d KiB held, %d KiB of that in no file%n",
                most.get() >> 10, mostHeld.get() >> 10, mostOutOfFiles.get() >> 10);
        assertThat(most.get()).as("seed %d", seed).isBetween(CAPACITY / 4, CAPACITY + SLACK);
        assertThat(mostHeld.get()).as("seed %d", seed).isBetween(CAPACITY / 4, CAPACITY + SLACK_OF_ALL);
        return mostOutOfFiles.get();
    }

    /** Once nothing has changed between two looks at the files, the cgroup's figure between them is theirs. */
    private void assertTheSame(MemoryCgroup cgroup, ChildJvm pool, String what, boolean memfds, long expected)
            throws Exception {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Look before = look(pool);
            long charged = cgroup.sharedMemory();
            long held = cgroup.heldSharedMemory();
            Look after = look(pool);
            assertThat(after.account()).as("%s, seed %d", what, seed).isLessThanOrEqualTo(CAPACITY);
            assertThat(held)
                    .as("%s: held, in files or not; %s, seed %d", what, before, seed)
                    .isLessThanOrEqualTo(before.account() + SLACK_OF_ALL);
            if (memfds) {
                assertThat(after.files()).as("%s, seed %d", what, seed).isLessThanOrEqualTo(before.account());
                assertThat(after.files()).as("%s: at rest, seed %d", what, seed).isEqualTo(before.files());
                assertThat(charged)
                        .as("%s: %s, seed %d", what, after, seed)
                        .isBetween(after.files() - SLACK, after.files() + SLACK);
            }
            if (expected >= 0) {
                assertThat(after.account()).as("%s, seed %d", what, seed).isEqualTo(expected);
            }
        });
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
