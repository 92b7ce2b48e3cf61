package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lastref.cache.semantics.CacheStatus.Forward;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheStatusTest {
    @Test
    void rfc9211_2_1_aHit() {
        assertThat(CacheStatus.hit()).hasToString("lastref; hit");
        assertThat(CacheStatus.hit().ttl(30)).hasToString("lastref; hit; ttl=30");
        assertThat(CacheStatus.hit().ttl(-412).detail("x")).hasToString("lastref; hit; ttl=-412; detail=x");
    }

    @ParameterizedTest
    @CsvSource({
        "BYPASS,bypass",
        "METHOD,method",
        "URI_MISS,uri-miss",
        "VARY_MISS,vary-miss",
        "MISS,miss",
        "REQUEST,request",
        "STALE,stale"
    })
    void rfc9211_2_2_reasonsToForward(Forward why, String token) {
        assertThat(CacheStatus.forward(why)).hasToString("lastref; fwd=" + token);
    }

    @Test
    void rfc9211_2_parametersOfAForwardedRequest() {
        assertThat(CacheStatus.forward(Forward.URI_MISS)
                        .forwardStatus(200)
                        .stored()
                        .ttl(60)
                        .collapsed())
                .hasToString("lastref; fwd=uri-miss; fwd-status=200; stored; ttl=60; collapsed");
    }

    @Test
    void rfc9211_2_theyDoNotBelongToAHit() {
        assertThatIllegalStateException().isThrownBy(() -> CacheStatus.hit().stored());
        assertThatIllegalStateException().isThrownBy(() -> CacheStatus.hit().collapsed());
        assertThatIllegalStateException().isThrownBy(() -> CacheStatus.none().forwardStatus(200));
        assertThat(CacheStatus.none().detail("only-if-cached")).hasToString("lastref; detail=only-if-cached");
    }

    @ParameterizedTest
    @CsvSource({
        "/a?b=\"c\\d\", '/a?b=\\\"c\\\\d\\\"'",
        "/\u00c3\u00a9x, /%xC3%xA9x",
        "/%C3%A9x, /%C3%A9x",
        "/x, /x",
        "/\t\u007f\u00ff, /%x09%x7F%xFF",
    })
    void rfc9211_2_7_theKeyIsAString(String key, String string) {
        assertThat(CacheStatus.hit().key(key)).hasToString("lastref; hit; key=\"" + string + "\"");
    }

    @Test
    void rfc8941_3_3_1_anIntegerHasFifteenDigits() {
        assertThat(CacheStatus.hit().ttl(Long.MAX_VALUE)).hasToString("lastref; hit; ttl=999999999999999");
        assertThat(CacheStatus.hit().ttl(Long.MIN_VALUE)).hasToString("lastref; hit; ttl=-999999999999999");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a b", "a;b", "a,b", "a\"", "-a", "a\r\nX: y", "\u00E9"})
    void rfc8941_3_3_4_aDetailThatIsNoTokenIsRefused(String detail) {
        assertThatIllegalArgumentException().isThrownBy(() -> CacheStatus.hit().detail(detail));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "*", "a1-b_c", "a/b:c", "no-store"})
    void rfc8941_3_3_4_aTokenIsTaken(String detail) {
        assertThat(CacheStatus.hit().detail(detail)).hasToString("lastref; hit; detail=" + detail);
    }
}
