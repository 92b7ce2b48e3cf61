package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.memory.HeapShare;
import org.junit.jupiter.api.Test;

class HeldBytesTest {
    @Test
    void oneConnectionHoldsAQuarterOfWhatAllMayAtMost() {
        HeapShare all = HeapShare.apart(6 << 20);
        HeldBytes one = new HeldBytes(all);
        assertThat(one.take(3 << 19)).isTrue();
        assertThat(one.take(1)).isFalse();
        assertThat(new HeldBytes(all).take(1)).isTrue();
        one.give(10);
        assertThat(one.take(10)).isTrue();
        assertThat(one.take(1)).isFalse();
    }

    @Test
    void butNoMoreThanFourMebibytes() {
        HeldBytes one = new HeldBytes(HeapShare.apart(1L << 40));
        assertThat(one.take(4 << 20)).isTrue();
        assertThat(one.take(1)).isFalse();
    }

    @Test
    void whereAllHoldAsMuchAsTheyMayOneGetsNothing() {
        HeapShare all = HeapShare.apart(100);
        assertThat(all.take(90)).isTrue();
        HeldBytes one = new HeldBytes(all);
        assertThat(one.take(20)).isFalse();
        assertThat(one.take(10)).isTrue();
    }
}
