package dev.lastref.http.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Lines with what others have sent. Who is told of what is seen in {@code dev.lastref.http.ConfigChangeTest}. */
class ChangeLogTest {
    @Test
    void ofALongTextTheFirstThousandCharactersAreTold() {
        String longest = "x".repeat(999) + "y";
        assertThat(ChangeLog.line(longest)).isEqualTo(longest);
        assertThat(ChangeLog.line(longest + "z")).isEqualTo(longest + "...");
        assertThat(ChangeLog.line(longest + "z".repeat(1 << 20))).isEqualTo(longest + "...");
    }
}
