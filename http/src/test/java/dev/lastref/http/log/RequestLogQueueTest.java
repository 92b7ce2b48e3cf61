package dev.lastref.http.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.lastref.http.config.AccessLog;
import dev.lastref.http.message.Networks;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What waits to be written while nobody takes it, as of a pipe that nobody reads. */
class RequestLogQueueTest {
    private static final int CHARS = 1000;

    private static LoggedRequest withTarget(int number) {
        return LoggedRequest.of(
                new Refusals.Refused(
                        null, null, "GET", null, "t".repeat(CHARS - 2) + (10 + number), "HTTP/1.1", 400, 0, "", true),
                null,
                0);
    }

    private final CountDownLatch taken = new CountDownLatch(1);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private RequestLog open(long mostChars) throws Exception {
        LogFile blocked = new LogFile(Channels.newChannel(written), true, request -> {
            try {
                taken.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return String.valueOf(request.target());
        });
        AccessLog wanted = new AccessLog("/of/the/test", AccessLog.Format.JSON);
        return new RequestLog(wanted, Networks.of("none"), same -> blocked, mostChars);
    }

    private void awaitLines(long count) {
        await().until(() -> written.toString(UTF_8).lines().count() == count);
    }

    @Test
    void textThatWaitsIsBoundedAndWhatIsBeyondIsLostAndCountedUntilThereIsRoomAgain() throws Exception {
        try (RequestLog log = open(5 * CHARS)) {
            IntStream.range(0, 50).forEach(i -> log.tell(withTarget(i)));
            // One less where the first has been taken out to be written by then.
            assertThat(log.lost()).isBetween(44L, 45L);
            taken.countDown();
            long first = 50 - log.lost();
            awaitLines(first);
            IntStream.range(0, 5).forEach(i -> log.tell(withTarget(i)));
            awaitLines(first + 5);
            assertThat(log.lost()).isEqualTo(50 - first);
        }
    }

    @Test
    void whoReadsAlongIsTakenInAndLeavesAndTheLogIsClosedWithoutWaitingForWhoTakesNothing() throws Exception {
        LogReader reader = new LogReader() {
            @Override
            public void request(LoggedRequest request) {}

            @Override
            public void pause() {}
        };
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            try (RequestLog log = open(CHARS)) {
                log.tell(withTarget(0));
                await().until(() -> isRoom(log)); // since that is being written
                assertThat(log.add(reader)).isTrue();
                log.remove(reader);
            }
        });
        taken.countDown();
    }

    /** Whether there is room for another one. */
    private static boolean isRoom(RequestLog log) {
        long before = log.lost();
        log.tell(withTarget(1));
        return log.lost() == before;
    }
}
