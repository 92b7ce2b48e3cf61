package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.RequestPolicy.Action;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
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
                "max-age =1               | REFRESH",
                "max-age= 1               | REFRESH",
                "min-fresh= 1             | REFRESH",
                "max-age=1, x=\"a         | REFRESH",
                "max-age=1, x=\"no-store  | NO_STORE",
                "max-age=1, x=\"no-cache  | REFRESH",
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
        assertThat(RequestPolicy.of("GET", FieldList.EMPTY, true).action()).isEqualTo(Action.PASS);
        assertThat(RequestPolicy.of("GET", FieldList.EMPTY, false).action()).isEqualTo(Action.LOOKUP);
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
                "max-stale =5           | 60 | 60 | false",
                "max-stale= 5           | 60 | 60 | false",
                "max-stale=5, x=\"a     | 60 | 60 | false",
                "max-stale, x=\"a       | 60 | 60 | false",
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
        assertThat(accepts(asking(cacheControl), age, lifetime)).isEqualTo(accepted);
    }

    private static final ReuseTerms PLAIN = new ReuseTerms(true, false, false, 0, 0, 0);

    private static Freshness freshness(long age, long lifetime) {
        return Freshness.of(FieldList.of("Age", String.valueOf(age)), Freshness.nanos(lifetime), 0, 0, 0);
    }

    private static boolean accepts(RequestPolicy policy, long age, long lifetime) {
        return policy.reuse(freshness(age, lifetime), PLAIN, 0).answers();
    }

    @Test
    void aRequestThatPassesAcceptsNothing() {
        assertThat(accepts(RequestPolicy.of("POST", FieldList.EMPTY), 0, 60)).isFalse();
        assertThat(accepts(get("Cache-Control", "only-if-cached", "Content-Length", "1"), 0, 60))
                .isFalse();
    }

    @Property
    void rfc9111_4_2_onlyWhatIsFreshAnswersWhereNothingPermitsMore(
            @ForAll @LongRange(min = 0, max = 1L << 33) long age,
            @ForAll @LongRange(min = 0, max = 1L << 33) long lifetime) {
        boolean fresh = Math.min(lifetime, DeltaSeconds.MAX) > Math.min(age, DeltaSeconds.MAX);
        assertThat(accepts(get(), age, lifetime)).isEqualTo(fresh);
        assertThat(accepts(asking("max-stale"), age, lifetime)).isTrue();
    }

    @ParameterizedTest(name = "[{0}], always validated {1}, never stale {2}, window {3}, stale for {4} s: {5}")
    @CsvSource(
            delimiter = '|',
            value = {
                // fresh
                "''             | false | false |  0 | -1 | FRESH",
                "''             | false | true  |  0 | -1 | FRESH",
                "''             | true  | false | 90 | -1 | VALIDATE",
                "max-stale      | true  | false | 90 | -1 | VALIDATE",
                "no-cache       | false | false | 90 | -1 | VALIDATE",
                // stale
                "''             | false | false |  0 |  5 | VALIDATE",
                "''             | false | false |  9 |  5 | STALE_WHILE_REVALIDATE",
                "''             | false | false |  5 |  5 | VALIDATE",
                "''             | false | true  |  9 |  5 | VALIDATE",
                "''             | true  | false |  9 |  5 | VALIDATE",
                "max-stale=5    | false | false |  0 |  5 | STALE",
                "max-stale=5    | false | true  |  9 |  5 | VALIDATE",
                "max-stale=5    | true  | false |  9 |  5 | VALIDATE",
                "max-stale=4    | false | false |  9 |  5 | VALIDATE",
                "max-stale=x    | false | false |  9 |  5 | VALIDATE",
                "max-age=1000   | false | false |  9 |  5 | VALIDATE",
                "min-fresh=0    | false | false |  9 |  5 | VALIDATE",
                "max-age=0      | false | false |  9 |  5 | VALIDATE",
            })
    void rfc9111_4_2_4_staleOnlyWhereSomebodyPermitsItAndNobodyForbidsIt(
            String request, boolean alwaysValidated, boolean neverStale, long window, long staleFor, Reuse expected) {
        long nanos = Freshness.nanos(window);
        ReuseTerms terms = new ReuseTerms(true, alwaysValidated, neverStale, nanos, nanos, nanos);
        assertThat(asking(request).reuse(freshness(60 + staleFor, 60), terms, 0))
                .isEqualTo(expected);
    }

    @Test
    void rfc9111_3_5_whatMayNotBeSharedIsNotForWhoIsAuthorized() {
        ReuseTerms unshared = new ReuseTerms(false, false, false, 0, 0, 0);
        assertThat(get("Authorization", "Basic x").reuse(freshness(0, 60), unshared, 0))
                .isEqualTo(Reuse.NONE);
        assertThat(get().reuse(freshness(0, 60), unshared, 0)).isEqualTo(Reuse.FRESH);
    }

    @ParameterizedTest(name = "[{0}] against a window of {1} s: {2} s")
    @CsvSource(
            delimiter = '|',
            value = {
                "''                | 30 | 30",
                "stale-if-error=60 | 30 | 60",
                "stale-if-error=60 |  0 | 60",
                "stale-if-error=5  | 30 |  5",
                "stale-if-error=0  | 30 |  0",
                "stale-if-error=x  | 30 |  0",
                "stale-if-error =60, max-age=9 | 30 |  0",
                "no-cache          | 30 |  0",
                "no-store          | 30 |  0",
            })
    void rfc5861_4_whatTheClientSaysIsTheLimitForItsRequest(String request, long window, long expected) {
        ReuseTerms terms = new ReuseTerms(true, false, false, 0, Freshness.nanos(window), 0);
        assertThat(asking(request).standInNanos(terms)).isEqualTo(Freshness.nanos(expected));
        assertThat(asking(request).standInNanos(new ReuseTerms(true, false, true, 0, 0, 0)))
                .as("must-revalidate")
                .isZero();
        assertThat(asking(request).standInNanos(new ReuseTerms(true, true, false, 0, 0, 0)))
                .as("no-cache")
                .isZero();
    }
}
