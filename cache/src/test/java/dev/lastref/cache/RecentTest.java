package dev.lastref.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class RecentTest {
    private static String copy(Object of) {
        return new StringBuilder().append(of).toString();
    }

    @Test
    void anEqualValueIsKnown() {
        Recent<String> recent = new Recent<>(16);
        String first = copy("bytes");
        assertThat(recent.knownOrRemember(first)).isNull();
        assertThat(recent.knownOrRemember(copy("bytes"))).isSameAs(first);
    }

    @Test
    void whatIsKnownIsEqual() {
        Recent<String> recent = new Recent<>(4); // so that they displace each other
        for (int round = 0; round < 3; round++) {
            for (int i = -100; i < 100; i++) {
                assertThat(recent.knownOrRemember(copy(i))).isIn(null, String.valueOf(i));
            }
        }
    }

    @Test
    void aNumberOfPlacesThatIsNoPowerOfTwoIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Recent<String>(3));
    }
}
