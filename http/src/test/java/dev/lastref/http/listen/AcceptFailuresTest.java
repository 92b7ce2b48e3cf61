package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.LoggedLines;
import org.junit.jupiter.api.Test;

class AcceptFailuresTest {
    /** As where the pool or a connection to an origin has found out that there is no descriptor. */
    @Test
    void thatNobodyIsAcceptedIsSaidOnceAlthoughItWasNotTried() {
        try (LoggedLines said = new LoggedLines(AcceptFailures.class.getName())) {
            long before = AcceptFailures.count();
            for (int i = 0; i < 3; i++) {
                AcceptFailures.untried();
            }
            assertThat(AcceptFailures.count()).isEqualTo(before + 3);
            assertThat(said.lines())
                    .singleElement()
                    .asString()
                    .contains(
                            "no connection can be accepted for now: no descriptor is left for one. Those there are go on");
        }
    }
}
