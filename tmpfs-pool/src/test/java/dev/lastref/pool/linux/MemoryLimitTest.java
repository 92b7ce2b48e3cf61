package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.linux.MemoryLimit.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryLimitTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    @BeforeEach
    void onAMachineOfOneGibibyte() throws IOException {
        file("proc/meminfo", "MemTotal:        1048576 kB\nMemFree:          500000 kB");
    }

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content + "\n");
    }

    private MemoryLimit limit() {
        return MemoryLimit.find(root.resolve("proc"), root.resolve("sys")).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "0::/kubepods/pod1/c1, fs/cgroup/kubepods/pod1/c1/memory.max",
        "0::/kubepods/pod1/c1, fs/cgroup/kubepods/pod1/memory.max",
        "0::/kubepods/pod1/c1, fs/cgroup/memory.max",
        "0::/, fs/cgroup/memory.max",
        "9:memory:/docker/1, fs/cgroup/memory/docker/1/memory.limit_in_bytes",
        "9:memory:/docker/1, fs/cgroup/memory/docker/memory.limit_in_bytes",
        "9:memory:/docker/1, fs/cgroup/memory/memory.limit_in_bytes",
        "'9:hugetlb,memory:/docker/1', fs/cgroup/memory/docker/1/memory.limit_in_bytes",
    })
    void theCgroupsOwnLimitCountsAndThoseAboveIt(String line, String path) throws IOException {
        file("proc/self/cgroup", line);
        file("sys/" + path, String.valueOf(300 * MIB));
        assertThat(limit()).isEqualTo(new MemoryLimit(300 * MIB, Kind.CGROUP));
    }

    @Test
    void theSmallestOnTheWayUpCounts() throws IOException {
        file("proc/self/cgroup", "0::/a/b/c");
        file("sys/fs/cgroup/a/memory.max", String.valueOf(400 * MIB));
        file("sys/fs/cgroup/a/b/memory.max", String.valueOf(300 * MIB));
        file("sys/fs/cgroup/a/b/c/memory.max", String.valueOf(500 * MIB));
        assertThat(limit()).isEqualTo(new MemoryLimit(300 * MIB, Kind.CGROUP));
    }

    @Test
    void ofBothVersionsTheSmallerCounts() throws IOException {
        file("proc/self/cgroup", "9:memory:/a\n0::/b");
        file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", String.valueOf(200 * MIB));
        file("sys/fs/cgroup/b/memory.max", String.valueOf(100 * MIB));
        assertThat(limit().bytes()).isEqualTo(100 * MIB);
    }

    @ParameterizedTest
    @CsvSource({"max", "9223372036854771712", "18446744073709551615", "garbled", "''", "2147483648"})
    void whatIsNoLimitLeavesTheMachine(String content) throws IOException {
        file("proc/self/cgroup", "0::/");
        file("sys/fs/cgroup/memory.max", content);
        assertThat(limit()).isEqualTo(new MemoryLimit(1024 * MIB, Kind.MACHINE));
    }

    @Test
    void withoutCgroupsItIsTheMachine() {
        assertThat(limit()).isEqualTo(new MemoryLimit(1024 * MIB, Kind.MACHINE));
    }

    @Test
    void whatCannotBeReadLimitsNothing() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));
        assertThat(MemoryLimit.find(root.resolve("proc"), root.resolve("sys"))).isEmpty();
    }

    @Test
    void thisProcessHasOne() {
        assertThat(MemoryLimit.ofThisProcess().orElseThrow().bytes()).isGreaterThan(64 * MIB);
    }
}
