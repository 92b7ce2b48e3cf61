package dev.lastref.http.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapShareTest {
    @Test
    void allTogetherHoldNoMoreThanTheirShareOfTheHeap() {
        HeapShare share = new HeapAccount(96 << 20).http2();
        assertThat(share.take(6 << 20)).isTrue();
        assertThat(share.take(1)).isFalse();
        assertThat(share.bytes()).as("what was refused is not counted").isEqualTo(6 << 20);
        share.give(100);
        assertThat(share.take(100)).isTrue();
        assertThat(share.take(1)).isFalse();
    }

    @Test
    void whatIsLargeLeavesAQuarterToOthers() {
        HeapShare share = new HeapAccount(96 << 20).requests();
        HeapShare.Part part = share.part();
        assertThat(part.take(9 << 20)).isTrue();
        assertThat(part.take(1)).isFalse();
        assertThat(share.bytes()).as("what was refused is not counted").isEqualTo(9 << 20);
        part.add((3 << 20) - 1);
        assertThat(share.isScarce()).isFalse();
        part.add(1);
        assertThat(share.isScarce()).isTrue();
        part.give(4 << 20);
        assertThat(share.isScarce()).isFalse();
    }

    @Test
    void whatAConnectionHoldsIsGivenBackOnceWhenItIsClosed() {
        HeapShare share = HeapShare.apart(1000);
        share.part().add(10);
        HeapShare.Part part = share.part();
        part.add(100);
        part.close();
        part.close();
        part.give(100);
        part.add(100);
        part.free();
        assertThat(part.take(5000)).isTrue(); // it is on its way out
        assertThat(share.bytes()).isEqualTo(10);
    }

    @Test
    void oneHoldsMoreOrLessAsItGoesOn() {
        HeapShare share = HeapShare.apart(1000);
        HeapShare.Part part = share.part();
        assertThat(part.hold(600)).isTrue();
        assertThat(part.hold(1001)).isFalse();
        assertThat(share.bytes()).as("as before").isEqualTo(600);
        assertThat(part.hold(1000)).isTrue();
        assertThat(part.hold(300)).isTrue();
        assertThat(share.bytes()).isEqualTo(300);
        part.free();
        assertThat(share.bytes()).isZero();
        assertThat(part.hold(10)).isTrue();
        assertThat(share.bytes()).isEqualTo(10);
    }
}
