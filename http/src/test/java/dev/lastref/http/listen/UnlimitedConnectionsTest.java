package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.LoggedLines;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UnlimitedConnectionsTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final AtomicInteger limited = new AtomicInteger();
    private final UnlimitedConnections unlimited = new UnlimitedConnections(tasks::add);

    @Test
    void afterEachOfThoseThatWereAwaitedTheLimitsAreSetOnceMore() {
        unlimited.expect(3, limited::incrementAndGet);
        unlimited.accepted();
        unlimited.accepted();
        assertThat(tasks).as("one look sees both").hasSize(1);
        tasks.remove().run();
        assertThat(limited).hasValue(1);
        unlimited.accepted();
        tasks.remove().run();
        assertThat(limited).hasValue(2);
        unlimited.accepted();
        assertThat(tasks).as("it has inherited them").isEmpty();
    }

    @Test
    void whereNobodyCameBeforeNobodyIsLookedFor() {
        unlimited.expect(0, limited::incrementAndGet);
        unlimited.accepted();
        assertThat(tasks).isEmpty();
    }

    @Test
    void aFailureIsToldAndTheNextIsLookedForAllTheSame() {
        unlimited.expect(2, () -> {
            limited.incrementAndGet();
            throw new IOException("/proc is gone");
        });
        try (LoggedLines told = new LoggedLines(UnlimitedConnections.class.getName())) {
            for (int i = 1; i <= 2; i++) {
                unlimited.accepted();
                tasks.remove().run();
                assertThat(limited).hasValue(i);
            }
            assertThat(told.lines()).hasSize(2).allMatch(line -> line.contains("/proc is gone"));
        }
    }
}
