package dev.lastref.http.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.http.config.AccessLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is no file, and is taken for one. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogFileTest {
    private static AccessLog to(String target) {
        return new AccessLog(target, AccessLog.Format.JSON);
    }

    @Test
    void aNamedPipeIsRefusedAndNotWaitedFor(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> LogFile.open(to(pipe.toString())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(pipe.toString())
                .hasMessageContaining("named pipe");
        Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
        assertThatThrownBy(() -> LogFile.requireUsable(to(link.toString()))).hasMessageContaining("named pipe");
    }

    @Test
    void aStreamOfTheProcessIsTaken() {
        assertThatCode(() -> LogFile.open(to("/dev/stdout")).close()).doesNotThrowAnyException();
        assertThatCode(() -> LogFile.open(to("/dev/null")).close()).doesNotThrowAnyException();
    }

    /** As a supervisor may set up a program's standard output. */
    @Test
    void aNamedPipeThatIsOpenAlreadyIsTaken(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        try (RandomAccessFile open = new RandomAccessFile(pipe.toFile(), "rw")) { // on Linux that waits for nobody
            assertThat(open.getFD().valid()).isTrue();
            LogFile.requireUsable(to(pipe.toString()));
        }
    }
}
