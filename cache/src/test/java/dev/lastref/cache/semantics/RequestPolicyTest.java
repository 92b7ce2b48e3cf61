package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.RequestPolicy.Action;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPolicyTest {
    private static RequestPolicy get(String... fields) {
        return RequestPolicy.of("GET", FieldList.of(fields));
    }

    private static RequestPolicy asking(String cacheControl) {
        return get("Cache-Control", cacheControl);
    }

    @ParameterizedTest(name = "[{0}] is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "''                       | LOOKUP",
                "max-age=1                | LOOKUP",
                "max-stale                | LOOKUP",
                "no-cache                 | REFRESH",
                "max-age=0                | REFRESH",
                "max-age=x                | REFRESH",
                "max-age=1, max-age=2     | REFRESH",
                "min-fresh=x              | REFRESH",
                "no-store                 | NO_STORE",
                "no-store, no-cache       | NO_STORE",
                "only-if-cached           | ONLY_IF_CACHED",
                "only-if-cached, no-store | ONLY_IF_CACHED",
                "only-if-cached, no-cache | ONLY_IF_CACHED",
            })
    void rfc9111_5_2_1_directivesDecide(String cacheControl, Action expected) {
        assertThat(asking(cacheControl).action()).isEqualTo(expected);
        assertThat(RequestPolicy.of("HEAD", FieldList.of("cache-control", cacheControl))
                        .action())
                .isEqualTo(expected);
    }

    @Test
    void rfc9111_5_4_pragmaNoCacheRefreshes() {
        assertThat(get("Pragma", "no-cache").action()).isEqualTo(Action.REFRESH);
        assertThat(get("Pragma", "no-cache", "Cache-Control", "max-age=9").action())
                .isEqualTo(Action.LOOKUP);
    }

    @ParameterizedTest(name = "{0}: invalidates {1}")
    @CsvSource({
        "GET,false",
        "HEAD,false",
        "OPTIONS,false",
        "TRACE,false",
        "POST,true",
        "PUT,true",
        "DELETE,true",
        "PATCH,true",
        "get,true",
        "UNHEARD-OF,true"
    })
    void rfc9111_4_4_methodsNotKnownToBeSafeInvalidate(String method, boolean invalidates) {
        RequestPolicy policy = RequestPolicy.of(method, FieldList.EMPTY);
        assertThat(policy.invalidates()).isEqualTo(invalidates);
        assertThat(policy.action())
                .isEqualTo(method.equals("GET") || method.equals("HEAD") ? Action.LOOKUP : Action.PASS);
    }

    @Test
    void rangesAreLookedUpAndRequestsWithContentPass() {
        assertThat(get("Range", "bytes=0-1").action()).isEqualTo(Action.LOOKUP);
        assertThat(get("Transfer-Encoding", "chunked").action()).isEqualTo(Action.PASS);
        assertThat(get("Content-Length", "1").action()).isEqualTo(Action.PASS);
        assertThat(get("Content-Length", "0, 1").action()).isEqualTo(Action.PASS);
        assertThat(get("Content-Length", "x").action()).isEqualTo(Action.PASS);
        assertThat(get("Content-Length", "0").action()).isEqualTo(Action.LOOKUP);
        assertThat(get("Range", "bytes=0-1", "Cache-Control", "no-cache").action())
                .isEqualTo(Action.REFRESH);
    }

    @Test
    void rfc9111_3_5_authorizationIsSeen() {
        assertThat(get("authorization", "Basic x").hasAuthorization()).isTrue();
        assertThat(get().hasAuthorization()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "if-modified-since", "If-Match", "If-Unmodified-Since"})
    void rfc9110_13_1_conditionsAreSeen(String name) {
        assertThat(get(name, "x").isConditional()).isTrue();
        assertThat(get(name, "x").action()).isEqualTo(Action.LOOKUP);
        assertThat(get("Accept", "x").isConditional()).isFalse();
    }

    @ParameterizedTest(name = "[{0}] of age {1} and lifetime {2}: {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "''                     |  0 | 60 | true",
                "''                     | 59 | 60 | true",
                "''                     | 60 | 60 | false",
                "''                     | 61 | 60 | false",
                "max-age=10             | 10 | 60 | true",
                "max-age=10             | 11 | 60 | false",
                "max-age=90             | 60 | 60 | false",
                "min-fresh=10           | 50 | 60 | true",
                "min-fresh=10           | 51 | 60 | false",
                "max-stale=5            | 65 | 60 | true",
                "max-stale=5            | 66 | 60 | false",
                "max-stale              | 9999999 | 60 | true",
                "max-stale=x            | 60 | 60 | false",
                "max-stale=0            | 60 | 60 | true",
                "max-stale=5, max-age=61| 62 | 60 | false",
                "max-stale=5, max-age=62| 62 | 60 | true",
                "max-stale, min-fresh=1 | 60 | 60 | false",
                "only-if-cached         | 59 | 60 | true",
                "only-if-cached         | 60 | 60 | false",
                "only-if-cached, max-stale | 60 | 60 | true",
                "only-if-cached, max-age=x |  0 | 60 | false",
                "only-if-cached, no-cache  |  0 | 60 | false",
                "only-if-cached, min-fresh=x |  0 | 60 | false",
                "no-cache               |  0 | 60 | false",
                "no-store               |  0 | 60 | false",
                "max-age=0              |  0 | 60 | false",
            })
    void rfc9111_5_2_1_limitsOnWhatIsStored(String cacheControl, long age, long lifetime, boolean accepted) {
        assertThat(asking(cacheControl).accepts(age, lifetime)).isEqualTo(accepted);
    }

    @Test
    void aRequestThatPassesAcceptsNothing() {
        assertThat(RequestPolicy.of("POST", FieldList.EMPTY).accepts(0, 60)).isFalse();
        assertThat(get("Cache-Control", "only-if-cached", "Content-Length", "1").accepts(0, 60))
                .isFalse();
    }

    @Property
    void acceptsHoldsForFreshOnesAloneOverAllNumbers(@ForAll long age, @ForAll long lifetime) {
        boolean fresh = Math.max(0, lifetime) > Math.max(0, age);
        assertThat(get().accepts(age, lifetime)).isEqualTo(fresh);
        assertThat(asking("max-stale").accepts(age, lifetime)).isTrue();
    }
}
