package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.linux.KernelProbe.Finding;
import dev.lastref.pool.linux.KernelProbe.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemLimitsTest {
    @TempDir
    Path root;

    @BeforeEach
    void asOnALargeMachine() throws IOException {
        file("proc/self/cgroup", "0::/app\n");
        file(
                "proc/self/limits",
                "Limit                     Soft Limit           Hard Limit           Units\n"
                        + "Max open files            1048576              1048576              files\n");
        file("proc/sys/vm/max_map_count", "65530\n");
        file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        file("sys/kernel/mm/transparent_hugepage/shmem_enabled", "always within_size advise [never] deny force\n");
    }

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Finding finding(String tried) {
        return new SystemLimits(root.resolve("proc"), root.resolve("sys"))
                .find().stream()
                        .filter(each -> each.tried().contains(tried))
                        .findFirst()
                        .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "0::/app, fs/cgroup/app/memory.max, 268435456, NOTE, 268435456 bytes",
        "0::/app, fs/cgroup/memory.max, 268435456, NOTE, 268435456 bytes",
        "0::/, fs/cgroup/memory.max, max, OK, none",
        "4:memory:/docker/1, fs/cgroup/memory/docker/1/memory.limit_in_bytes, 1000000, NOTE, 1000000 bytes",
        "4:memory:/x, fs/cgroup/memory/memory.limit_in_bytes, 9223372036854771712, OK, none",
        "4:cpu:/x, fs/cgroup/memory.max, 5, OK, none",
    })
    void theCgroupsLimitIsFound(String line, String path, String content, Verdict verdict, String seen)
            throws IOException {
        file("proc/self/cgroup", line + "\n");
        file("sys/" + path, content + "\n");
        assertThat(finding("cgroup").verdict()).isEqualTo(verdict);
        assertThat(finding("cgroup").seen()).isEqualTo(seen);
    }

    private void openFiles(String soft) throws IOException {
        file("proc/self/limits", "Max open files            " + soft + "      1048576              files\n");
    }

    @Test
    void fewMappingsAreNoted() throws IOException {
        assertThat(finding("mappings").verdict()).isEqualTo(Verdict.OK);
        file("proc/sys/vm/max_map_count", "1000\n");
        assertThat(finding("mappings").verdict()).isEqualTo(Verdict.NOTE);
        assertThat(finding("mappings").seen()).isEqualTo("1000");
    }

    @Test
    void theNumbersOfThisSystemAreReadToTheirEnd() throws IOException {
        Path proc = Path.of("/proc");
        assertThat(FileLimit.mappings(proc))
                .as("this process has as many")
                .isGreaterThanOrEqualTo(
                        Files.readAllLines(proc.resolve("self/maps")).size());
        assertThat(FileLimit.descriptors(proc).orElseThrow()).isGreaterThan(100).isEqualTo(FileLimit.descriptors());
    }

    @Test
    void whatIsLeftOfTheDescriptorsIsLessByWhatIsOpened() throws IOException {
        long before = FileLimit.descriptorsLeft();
        assertThat(before).isPositive().isLessThan(FileLimit.descriptors());
        List<InputStream> opened = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                opened.add(Files.newInputStream(Path.of("/dev/null")));
            }
            // Others in this JVM may have closed some meanwhile.
            assertThat(FileLimit.descriptorsLeft()).isBetween(before - 150, before - 50);
        } finally {
            for (InputStream one : opened) {
                one.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1024, 65530, 384, 1024 descriptors (RLIMIT_NOFILE)",
        "400, 65530, 150, 400 descriptors (RLIMIT_NOFILE)",
        "200, 65530, 50, 200 descriptors (RLIMIT_NOFILE)", // a hundred are for others
        "128, 65530, 14, 128 descriptors (RLIMIT_NOFILE)",
        "64, 65530, 0, 64 descriptors (RLIMIT_NOFILE)",
        "1048576, 65530, 49148, 65530 mappings (vm.max_map_count)",
        "unlimited, 65530, 49148, 65530 mappings (vm.max_map_count)",
        "20000, 10000, 7500, 20000 descriptors (RLIMIT_NOFILE)",
        "20000, nonsense, 7500, 20000 descriptors (RLIMIT_NOFILE)",
        "unlimited, nonsense, 9223372036854775807, nothing that can be read",
    })
    void threeInFourOfTheDescriptorsAndOfTheMappingsAreThePools(
            String descriptors, String mappings, long files, String bound) throws IOException {
        openFiles(descriptors);
        file("proc/sys/vm/max_map_count", mappings + "\n");
        assertThat(FileLimit.find(root.resolve("proc"))).isEqualTo(new FileLimit(files, bound));
    }

    @ParameterizedTest
    @CsvSource({"never, OK", "deny, OK", "advise, OK", "within_size, NOTE", "always, NOTE", "force, NOTE"})
    void hugePagesAreNotedWhereSegmentsMayGetThem(String chosen, Verdict verdict) throws IOException {
        file(
                "sys/kernel/mm/transparent_hugepage/shmem_enabled",
                "always within_size advise never deny force\n".replaceFirst(chosen, "[" + chosen + "]"));
        assertThat(finding("huge pages").verdict()).isEqualTo(verdict);
        assertThat(finding("huge pages").seen()).isEqualTo(chosen);
    }

    @Test
    void swapIsNoted() throws IOException {
        assertThat(finding("swap").verdict()).isEqualTo(Verdict.OK);
        file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/vdb partition 1 0 -2\n");
        assertThat(finding("swap").verdict()).isEqualTo(Verdict.NOTE);
    }

    @Test
    void whatCannotBeReadIsNotAssumed() throws IOException {
        Files.delete(root.resolve("proc/swaps"));
        assertThat(finding("swap").verdict()).isEqualTo(Verdict.NOTE);
        assertThat(finding("swap").seen()).startsWith("unknown");
    }
}
