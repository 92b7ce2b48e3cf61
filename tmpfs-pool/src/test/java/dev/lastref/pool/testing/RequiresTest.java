package dev.lastref.pool.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class RequiresTest {
    @Test
    void whatIsThereIsSilent() {
        assertThatCode(() -> Requires.command("sh")).doesNotThrowAnyException();
        assertThatCode(() -> Requires.check(true, "anything", true)).doesNotThrowAnyException();
    }

    @Test
    void whatIsMissingSkipsTheTestAndSaysWhichAndWhy() {
        assertThatThrownBy(() -> Requires.check(false, "the moon", false))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("RequiresTest")
                .hasMessageContaining("requires the moon");
    }

    @Test
    void whatIsMissingFailsTheTestWhereNothingMayBeSkipped() {
        assertThatThrownBy(() -> Requires.check(false, "the moon", true))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("requires the moon")
                .hasMessageContaining("LASTREF_REQUIRE_PEERS=true");
    }
}
