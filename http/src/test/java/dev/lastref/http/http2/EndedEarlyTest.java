package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EndedEarlyTest {
    @Test
    void theLastThousandAreRemembered() {
        EndedEarly ended = new EndedEarly();
        assertThat(ended.has(0)).isFalse();
        for (int id = 1; id < 10_000; id += 2) {
            ended.add(id);
            assertThat(ended.has(id)).isTrue();
            assertThat(ended.has(Math.max(1, id - 2 * 1023))).isTrue();
            assertThat(ended.has(id - 2 * 1024)).isFalse();
        }
    }
}
