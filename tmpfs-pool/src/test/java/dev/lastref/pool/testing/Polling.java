package dev.lastref.pool.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.PollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How often Awaitility looks, where a test says nothing else: at once, soon after, and then less and less often, ten times a second at
 * least. By its own default it looks first after 100 ms, which is most of the time of a test that awaits what takes a few.
 *
 * <p>Found as {@link LeakCheck} is, so it counts for the tests of every module.
 */
public final class Polling implements BeforeAllCallback {
    private static final Duration FIRST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofMillis(100);
    private static final PollInterval MORE_AND_MORE_SELDOM = (count, before) -> next(before);

    private static Duration next(Duration before) {
        Duration twice = before.multipliedBy(2);
        return twice.isZero() ? FIRST : twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollInterval(MORE_AND_MORE_SELDOM);
    }
}
