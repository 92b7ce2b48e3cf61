package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.linux.KernelProbe.Finding;
import dev.lastref.pool.linux.KernelProbe.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @Test
    void fewDescriptorsAreNoted() throws IOException {
        assertThat(finding("open files").verdict()).isEqualTo(Verdict.OK);
        file("proc/self/limits", "Max open files            256                  4096                 files\n");
        assertThat(finding("open files").verdict()).isEqualTo(Verdict.NOTE);
        assertThat(finding("open files").seen()).isEqualTo("256");
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
