package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeldBytesTest {
    @Test
    void allTogetherHoldNoMoreThanTheirShareOfTheHeap() {
        HeldBytes held = HeldBytes.ofHeap(96 << 20);
        assertThat(held.take(6 << 20)).isTrue();
        assertThat(held.take(1)).isFalse();
        assertThat(held.bytes()).as("what was refused is not counted").isEqualTo(6 << 20);
        held.give(100);
        assertThat(held.take(100)).isTrue();
        assertThat(held.take(1)).isFalse();
    }

    @Test
    void oneConnectionHoldsAPartOfItAtMost() {
        assertThat(HeldBytes.ofHeap(96 << 20).mostOfOne()).isEqualTo(3 << 19);
        assertThat(HeldBytes.ofHeap(1L << 40).mostOfOne()).isEqualTo(4 << 20);
    }
}
