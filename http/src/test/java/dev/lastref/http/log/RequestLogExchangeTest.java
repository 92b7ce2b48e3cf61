package dev.lastref.http.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.config.AccessLog;
import dev.lastref.http.message.Networks;
import dev.lastref.http.testing.LoggedLines;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of lines on their way when the log is opened anew: each is written or counted as lost. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestLogExchangeTest {
    private static final int REQUESTS = 500;

    @TempDir
    private Path folder;

    private static LoggedRequest of(String target) {
        return LoggedRequest.of(
                new Refusals.Refused(null, null, "GET", null, target, "HTTP/1.1", 400, 0, "as a test wants it", true),
                null,
                0);
    }

    private static AccessLog to(Path target) {
        return new AccessLog(target.toString(), AccessLog.Format.JSON);
    }

    private static RequestLog open(LogFile... oneAfterTheOther) throws IOException {
        Deque<LogFile> files = new ArrayDeque<>(List.of(oneAfterTheOther));
        return new RequestLog(to(Path.of("/of/the/test")), Networks.of("none"), same -> files.remove());
    }

    private static long open(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(each -> {
                        try {
                            return Files.readSymbolicLink(each).equals(file);
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void whereNobodyTakesWhatIsWrittenItIsCountedAndTheFileIsClosedAndTheNextOneWrittenTo() throws Exception {
        Path pipe = folder.toRealPath().resolve("pipe");
        Path next = folder.resolve("next");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        try (RandomAccessFile both = new RandomAccessFile(pipe.toFile(), "rw");
                InputStream taken = new FileInputStream(pipe.toFile());
                LoggedLines said = new LoggedLines(RequestLog.class.getName());
                RequestLog log = open(LogFile.open(to(pipe)), LogFile.open(to(next)))) {
            long ours = open(pipe) - 1;
            for (int i = 0; i < REQUESTS; i++) {
                log.tell(of("/" + "x".repeat(1000) + i));
            }
            await().until(() -> taken.available() >= 60_000); // 64 KiB is all that it has room for
            log.part().renew();
            assertThat(open(pipe)).isEqualTo(ours);
            log.tell(of("/after"));
            await().until(() -> Files.readString(next).contains("/after"));
            both.close();
            long there = new String(new BufferedInputStream(taken).readAllBytes(), StandardCharsets.UTF_8)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            assertThat(there).isPositive();
            assertThat(there + Files.readAllLines(next).size() + log.lost()).isEqualTo(REQUESTS + 1);
            assertThat(said.lines())
                    .containsExactly("nobody takes what the access log writes: what is on its way there is given up");
        }
    }

    /** As of a disk that is full: the lines are there once, in their order, when it has room again. */
    @Test
    void whatCannotBeWrittenNowIsWrittenLater() throws Exception {
        Disk disk = new Disk();
        try (LoggedLines said = new LoggedLines(RequestLog.class.getName());
                RequestLog log = open(new LogFile(disk, true, request -> String.valueOf(request.target())))) {
            log.tell(of("/a"));
            await().until(() -> !said.lines().isEmpty());
            disk.makeRoom(1);
            log.tell(of("/b"));
            await().until(() -> disk.written().equals("/"));
            disk.makeRoom(100);
            log.tell(of("/c"));
            await().until(() -> disk.written().equals("/a\n/b\n/c\n"));
            assertThat(log.lost()).isZero();
        }
    }

    @Test
    void whatCannotBeWrittenBeforeTheLogIsOpenedAnewIsCounted() throws Exception {
        Path next = folder.resolve("next");
        try (LoggedLines said = new LoggedLines(RequestLog.class.getName());
                RequestLog log = open(
                        new LogFile(new Disk(), true, request -> String.valueOf(request.target())),
                        LogFile.open(to(next)))) {
            for (int i = 0; i < 3; i++) {
                log.tell(of("/a"));
            }
            await().until(() -> !said.lines().isEmpty());
            log.part().renew();
            log.tell(of("/b"));
            await().until(() -> Files.readString(next).contains("/b"));
            assertThat(log.lost() + Files.readAllLines(next).size()).isEqualTo(4);
            assertThat(log.lost()).isPositive();
        }
    }
}
