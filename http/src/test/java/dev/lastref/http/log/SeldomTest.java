package dev.lastref.http.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeldomTest {
    @Test
    void itIsTimeAtFirstAndThenOnceEachTime() {
        AtomicLong now = new AtomicLong(-5);
        Seldom seldom = new Seldom(now::get, Duration.ofNanos(10));
        assertThat(seldom.isTime()).isTrue();
        assertThat(seldom.isTime()).isFalse();
        now.set(4);
        assertThat(seldom.isTime()).isFalse();
        now.set(5);
        assertThat(seldom.isTime()).isTrue();
        assertThat(seldom.isTime()).isFalse();
        now.set(1000);
        assertThat(seldom.isTime()).isTrue();
        now.set(1009);
        assertThat(seldom.isTime()).isFalse();
    }
}
