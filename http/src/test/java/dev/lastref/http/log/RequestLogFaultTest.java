package dev.lastref.http.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.config.AccessLog;
import dev.lastref.http.message.Networks;
import dev.lastref.http.testing.LoggedLines;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Faults of ours while a request is logged: they cost that request's line, and no other. */
class RequestLogFaultTest {
    private static final AccessLog FILE = new AccessLog("/of/the/test", AccessLog.Format.JSON);
    private static final AccessLog OFF = new AccessLog("off", AccessLog.Format.JSON);
    private static final String FAULTY = "/faulty";

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private static LoggedRequest of(String target) {
        return LoggedRequest.of(
                new Refusals.Refused(null, null, "GET", null, target, "HTTP/1.1", 400, 0, "as a test wants it", true),
                null,
                0);
    }

    private static String line(LoggedRequest request) {
        if (FAULTY.equals(request.target())) {
            throw new IllegalStateException("a fault of the format");
        }
        return String.valueOf(request.target());
    }

    private RequestLog open(AccessLog wanted) throws Exception {
        return new RequestLog(
                wanted,
                Networks.of("none"),
                same -> new LogFile(Channels.newChannel(written), true, RequestLogFaultTest::line));
    }

    private static void tell(RequestLog log, String... targets) {
        for (String target : targets) {
            log.tell(of(target));
        }
    }

    @Test
    void aLineThatCannotBeMadeIsLostAndCountedAndToldOfOnceAndTheOthersAreThere() throws Exception {
        try (LoggedLines said = new LoggedLines(RequestLog.class.getName())) {
            try (RequestLog log = open(FILE)) {
                tell(log, "/a", FAULTY, "/b", FAULTY);
                await().until(() -> log.lost() == 2);
                tell(log, "/c");
                await().until(() -> written.toString(UTF_8).endsWith("/c\n"));
                assertThat(log.lost()).isEqualTo(2);
            }
            assertThat(written.toString(UTF_8)).isEqualTo("/a\n/b\n/c\n");
            assertThat(said.lines()).containsExactly("a request is missing in the access log, or with who reads along");
        }
    }

    /** As of a disk that is full. */
    @Test
    void whatCannotBeWrittenAtTheEndIsToldInALine() throws Exception {
        try (LoggedLines said = new LoggedLines(RequestLog.class.getName())) {
            try (RequestLog log = new RequestLog(
                    FILE, Networks.of("none"), same -> new LogFile(new Disk(), true, RequestLogFaultTest::line))) {
                tell(log, "/a");
                await().until(() -> !said.lines().isEmpty());
            }
            assertThat(said.lines()).last().isEqualTo("the access log lacks its last lines: No space left on device");
            assertThat(said.traces()).isZero();
        }
    }

    /** One that fails when it is told of a request, and when it may pass on what it has. */
    private static final class FaultyReader implements LogReader {
        @Override
        public void request(LoggedRequest request) {
            line(request);
        }

        @Override
        public void pause() {
            throw new IllegalStateException("a fault of who reads along");
        }
    }

    private static final class Following implements LogReader {
        private final List<String> seen = new CopyOnWriteArrayList<>();

        @Override
        public void request(LoggedRequest request) {
            seen.add(String.valueOf(request.target()));
        }

        @Override
        public void pause() {}
    }

    @Test
    void whoReadsAlongAndFailsTakesNothingFromTheOthers() throws Exception {
        Following other = new Following();
        try (LoggedLines said = new LoggedLines(RequestLog.class.getName());
                RequestLog log = open(OFF)) {
            log.add(new FaultyReader());
            log.add(other);
            tell(log, "/a", FAULTY, "/b");
            await().until(() -> other.seen.contains("/b"));
            assertThat(other.seen).containsExactly("/a", FAULTY, "/b");
            assertThat(log.lost()).isEqualTo(1);
            assertThat(said.lines()).hasSize(1);
        }
    }
}
