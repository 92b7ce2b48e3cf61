package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.TmpfsMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HugePagesTest {
    @TempDir
    Path root;

    private HugePages pages() {
        return new HugePages(root.resolve("proc"), root.resolve("sys"));
    }

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void sharedMemory(String chosen) throws IOException {
        file("sys/kernel/mm/transparent_hugepage/shmem_enabled", "always never [" + chosen + "] deny force\n");
    }

    @ParameterizedTest
    @CsvSource({
        "never, inherit, false",
        "deny, never, false",
        "advise, inherit, false",
        "advise, advise, false",
        "always, inherit, true",
        "within_size, never, true",
        "force, never, true",
        "never, always, true",
        "never, within_size, true",
    })
    void memfdsMayHaveThemByTheSettingForAllSizesOrForOne(String all, String one, boolean may) throws IOException {
        sharedMemory(all);
        file("sys/kernel/mm/transparent_hugepage/hugepages-16kB/enabled", "[always] never\n"); // for other memory
        file("sys/kernel/mm/transparent_hugepage/hugepages-64kB/shmem_enabled", "always [" + one + "] never\n");
        assertThat(pages().mayBeGivenToMemfds()).isEqualTo(may);
    }

    @Test
    void aKernelWithoutHugePagesGivesNone() {
        assertThat(pages().mayBeGivenToMemfds()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "rw,size=65536k; never; false",
                "rw,size=65536k,huge=never; never; false",
                "rw,huge=advise; never; false",
                "rw,huge=always,size=65536k; never; true",
                "rw,size=65536k,huge=within_size; never; true",
                "rw,size=65536k; force; true",
            })
    void aMountHasThemByItsOption(String options, String all, boolean may) throws IOException {
        sharedMemory(all);
        Path mount = Files.createDirectories(root.resolve("a mount"));
        file(
                "proc/self/mountinfo",
                "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw,huge=always\n"
                        + "30 22 0:26 / " + mount.toString().replace(" ", "\\040")
                        + " rw,relatime shared:3 - tmpfs tmpfs " + options + "\n");
        assertThat(pages().mayBeGivenIn(Files.createDirectories(mount.resolve("pool"))))
                .isEqualTo(may);
    }

    @Test
    void whatCannotBeReadMayBeSo() throws IOException {
        sharedMemory("never");
        assertThat(pages().mayBeGivenIn(root)).isTrue();
    }

    @Test
    void aProbeOnAMountThatGivesThemFindsThatPunchingIsNotSafe() throws Exception {
        try (TmpfsMount mount = TmpfsMount.withOptions("huge=always,size=64m");
                TmpfsDirectory directory = TmpfsDirectory.open(mount.path().resolve("pool"))) {
            try (TmpfsFile file = directory.create(1, 2 << 20)) {
                file.allocatePages();
                Requires.that(mount.usedBytes() >= 2 << 20, "a tmpfs that gives 2 MiB pages");
            }
            assertThat(HugePages.ofThisSystem().mayBeGivenIn(mount.path())).isTrue();
            assertThat(PunchProbe.run(size -> directory.create(2, size))).isNotEqualTo(PunchProbe.Outcome.SAFE);
        }
        try (TmpfsMount mount = TmpfsMount.withOptions("huge=never,size=64m");
                TmpfsDirectory directory = TmpfsDirectory.open(mount.path().resolve("pool"))) {
            assertThat(HugePages.ofThisSystem().mayBeGivenIn(mount.path())).isFalse();
            assertThat(PunchProbe.run(size -> directory.create(2, size))).isEqualTo(PunchProbe.Outcome.SAFE);
        }
    }
}
