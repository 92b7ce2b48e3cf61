package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.LoggedLines;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EarlyArrivalsTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final AtomicInteger limited = new AtomicInteger();
    private final EarlyArrivals arrivals = new EarlyArrivals(tasks::add);

    @Test
    void afterEachOfThoseThatWereAwaitedTheLimitsAreSetOnceMore() {
        arrivals.expect(3, limited::incrementAndGet);
        arrivals.accepted();
        arrivals.accepted();
        assertThat(tasks).as("one look sees both").hasSize(1);
        tasks.remove().run();
        assertThat(limited).hasValue(1);
        arrivals.accepted();
        tasks.remove().run();
        assertThat(limited).hasValue(2);
        arrivals.accepted();
        assertThat(tasks).as("it has inherited them").isEmpty();
    }

    @Test
    void whereNobodyCameTooEarlyNobodyIsLookedFor() {
        arrivals.expect(0, limited::incrementAndGet);
        arrivals.accepted();
        assertThat(tasks).isEmpty();
    }

    @Test
    void aFailureIsToldAndTheNextIsLookedForAllTheSame() {
        arrivals.expect(2, () -> {
            limited.incrementAndGet();
            throw new IOException("/proc is gone");
        });
        try (LoggedLines told = new LoggedLines(EarlyArrivals.class.getName())) {
            for (int i = 1; i <= 2; i++) {
                arrivals.accepted();
                tasks.remove().run();
                assertThat(limited).hasValue(i);
            }
            assertThat(told.lines()).hasSize(2).allMatch(line -> line.contains("/proc is gone"));
        }
    }
}
