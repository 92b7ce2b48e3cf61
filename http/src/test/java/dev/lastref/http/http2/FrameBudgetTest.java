package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.http.http2.FrameBudget.Cost;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FrameBudgetTest {
    private final AtomicLong now = new AtomicLong();
    private final FrameBudget budget = new FrameBudget(now::get);

    private int until(Cost cost) {
        int times = 0;
        try {
            for (; times < 1_000_000; times++) {
                budget.spend(cost);
            }
        } catch (ConnectionFault fault) {
            assertThat(fault.code()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        }
        return times;
    }

    @Test
    void aPageThatIsLeftMayBreakOffTwoHundredStreams() {
        assertThat(until(Cost.RESET)).isEqualTo(200);
    }

    @Test
    void timeGivesSomethingBackAndNoMoreThanThereWas() {
        until(Cost.PING);
        now.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertThat(until(Cost.PING)).isBetween(15, 21);
        now.addAndGet(TimeUnit.HOURS.toNanos(2));
        assertThat(until(Cost.PING)).isBetween(495, 521);
    }

    @Test
    void whoAsksAndIsAnsweredMayBreakOffNowAndThenForEver() {
        assertThatCode(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        budget.spend(Cost.RESET);
                        budget.answered();
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void whoTakesContentMayOpenItsWindowsForEachFrameButNotForEachByte() {
        assertThatCode(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        budget.spend(Cost.WINDOW);
                        budget.spend(Cost.WINDOW);
                        budget.sent(16_384);
                    }
                })
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        budget.spend(Cost.WINDOW);
                        budget.sent(1);
                    }
                })
                .isInstanceOf(ConnectionFault.class);
    }
}
