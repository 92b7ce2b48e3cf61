package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowsTest {
    @Test
    void aReceiveWindowIsOpenedByWhatWasReadWhenThatIsHalfOfIt() {
        ReceiveWindow window = new ReceiveWindow(100);
        assertThat(window.received(100)).isTrue();
        assertThat(window.received(1)).as("one byte too many").isFalse();
        window.read(49);
        assertThat(window.open()).isZero();
        window.read(12);
        assertThat(window.open()).as("all that was read, once").isEqualTo(61);
        assertThat(window.open()).isZero();
        assertThat(window.received(60)).isTrue();
        assertThat(window.received(1)).isFalse();
    }

    @Test
    void aSendWindowMayBecomeNegativeButNotLargerThanANumberCanSay() {
        SendWindow window = new SendWindow(10);
        window.sent(10);
        assertThat(window.open(-20)).isTrue();
        assertThat(window.left()).isEqualTo(-20);
        assertThat(window.open(20L + Frames.LARGEST_WINDOW)).isTrue();
        assertThat(window.left()).isEqualTo(Frames.LARGEST_WINDOW);
        assertThat(window.open(1)).isFalse();
    }
}
