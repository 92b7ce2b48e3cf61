package dev.lastref.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class RecentTest {
    private static String copy(Object of) {
        return new StringBuilder().append(of).toString();
    }

    @Test
    void equalValuesBecomeTheSame() {
        Recent<String> recent = new Recent<>(16);
        String first = copy("bytes");
        assertThat(recent.share(first)).isSameAs(first);
        assertThat(recent.share(copy("bytes"))).isSameAs(first);
    }

    @Test
    void whateverIsAskedForIsAnsweredByAnEqualOne() {
        Recent<String> recent = new Recent<>(4); // so that they displace each other
        for (int round = 0; round < 3; round++) {
            for (int i = -100; i < 100; i++) {
                assertThat(recent.share(copy(i))).isEqualTo(String.valueOf(i));
            }
        }
    }

    @Test
    void whatManyHaveSharedIsCommonUntilItIsForgotten() {
        Recent<String> recent = new Recent<>(1);
        for (int i = 0; i <= 8; i++) {
            assertThat(recent.isCommon(copy("bytes"))).as("after %d", i).isFalse();
            recent.share(copy("bytes"));
        }
        assertThat(recent.isCommon(copy("bytes"))).isTrue();
        assertThat(recent.isCommon(copy("other"))).isFalse();
        recent.share("other");
        assertThat(recent.isCommon(copy("bytes"))).isFalse();
        assertThat(recent.isCommon(copy("other"))).isFalse();
    }

    @Test
    void aNumberOfPlacesThatIsNoPowerOfTwoIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Recent<String>(3));
    }
}
