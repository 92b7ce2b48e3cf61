package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lastref.cache.semantics.StoragePolicy.Decision;
import dev.lastref.cache.semantics.StoragePolicy.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoragePolicyTest {
    private static final long NOW_MILLIS = 784_111_777_000L;
    private static final StoragePolicy SILENT = new StoragePolicy(Duration.ZERO, Duration.ZERO);
    private static final StoragePolicy CONFIGURED = new StoragePolicy(Duration.ofMillis(1500), Duration.ofSeconds(2));
    private static final Decision REFUSED_WITHOUT_LIFETIME = new Decision(Refusal.NO_LIFETIME, 0, false);

    private static Decision decide(StoragePolicy policy, int status, String... response) {
        return policy.decide("GET", FieldList.EMPTY, status, FieldList.of(response), NOW_MILLIS);
    }

    private static Decision explicit(long seconds) {
        return new Decision(null, Duration.ofSeconds(seconds).toNanos(), true);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501})
    void rfc9111_3_finalStatusesAreStoredWithAnExplicitLifetime(int status) {
        assertThat(decide(SILENT, status, "Cache-Control", "max-age=60")).isEqualTo(explicit(60));
        assertThat(decide(SILENT, status)).isEqualTo(REFUSED_WITHOUT_LIFETIME);
    }

    @Test
    void rfc9111_3_noOtherStatusIsStored() {
        List<Integer> stored = IntStream.range(0, 1000)
                .filter(status -> decide(CONFIGURED, status, "Cache-Control", "max-age=60, public")
                        .isStorable())
                .boxed()
                .toList();
        assertThat(stored).containsExactly(200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501);
        assertThat(decide(CONFIGURED, 206, "Cache-Control", "max-age=60").refusal())
                .isEqualTo(Refusal.PARTIAL);
        assertThat(decide(CONFIGURED, 304, "Cache-Control", "max-age=60").refusal())
                .isEqualTo(Refusal.STATUS);
    }

    @Test
    void configuredLifetimesApplyWhereTheResponseIsSilent() {
        List<Integer> successful = IntStream.range(0, 1000)
                .filter(status -> decide(CONFIGURED, status).lifetimeNanos() == 1_500_000_000L)
                .boxed()
                .toList();
        List<Integer> negative = IntStream.range(0, 1000)
                .filter(status -> decide(CONFIGURED, status).lifetimeNanos() == 2_000_000_000L)
                .boxed()
                .toList();
        assertThat(successful).containsExactly(200, 203, 204, 300, 301, 308);
        assertThat(negative).containsExactly(404, 405, 410, 414, 501);
        assertThat(decide(CONFIGURED, 200)).isEqualTo(new Decision(null, 1_500_000_000L, false));
        assertThat(decide(CONFIGURED, 302)).isEqualTo(REFUSED_WITHOUT_LIFETIME);
    }

    @ParameterizedTest(name = "{0}: {1} is refused with {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Cache-Control | no-store, max-age=60            | NO_STORE",
                "Cache-Control | private, max-age=60             | PRIVATE",
                "Cache-Control | private=\"x\", s-maxage=60      | PRIVATE",
                "Cache-Control | no-cache, max-age=60            | NO_CACHE",
                "Cache-Control | no-cache=\"Set-Cookie\", max-age=60 | NO_CACHE",
                "Set-Cookie    | a=b                             | SET_COOKIE",
                "Set-Cookie2   | a=b                             | SET_COOKIE",
                "Vary          | Accept, *                       | VARY_ANY",
                "Cache-Control | max-age=0                       | EXPIRED",
                "Cache-Control | max-age=-1                      | EXPIRED",
                "Cache-Control | max-age=1, max-age=2            | EXPIRED",
                "Cache-Control | max-age=60, s-maxage=0          | EXPIRED",
                "Expires       | 0                               | EXPIRED",
                "Expires       | Sun, 06 Nov 1994 08:49:37 GMT   | EXPIRED",
                "Pragma        | no-cache                        | NO_CACHE",
            })
    void rfc9111_3_theResponseRefuses(String name, String value, Refusal expected) {
        assertThat(decide(CONFIGURED, 200, name, value)).isEqualTo(new Decision(expected, 0, false));
    }

    @Test
    void rfc9111_5_4_pragmaDoesNotOverrideALifetime() {
        assertThat(decide(SILENT, 200, "Pragma", "no-cache", "Cache-Control", "max-age=60"))
                .isEqualTo(explicit(60));
    }

    @Test
    void rfc9111_4_1_aVaryOnFieldsIsStored() {
        assertThat(decide(SILENT, 200, "Vary", "Accept", "Cache-Control", "max-age=60"))
                .isEqualTo(explicit(60));
    }

    @ParameterizedTest(name = "{0} {1}: {2} is refused with {3}")
    @CsvSource({
        "HEAD, X, x, METHOD",
        "POST, X, x, METHOD",
        "GET, Content-Length, 5, REQUEST_CONTENT",
        "GET, Cache-Control, no-store, REQUEST_NO_STORE",
        "GET, Authorization, Basic x, AUTHORIZATION",
    })
    void rfc9111_3_theRequestRefuses(String method, String name, String value, Refusal expected) {
        FieldList response = FieldList.of("Cache-Control", "max-age=60");
        assertThat(CONFIGURED
                        .decide(method, FieldList.of(name, value), 200, response, NOW_MILLIS)
                        .refusal())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"public, max-age=60", "s-maxage=60", "must-revalidate, max-age=60"})
    void rfc9111_3_5_authorizationIsSharedOnRequest(String cacheControl) {
        assertThat(CONFIGURED.decide(
                        "GET",
                        FieldList.of("Authorization", "Basic x"),
                        200,
                        FieldList.of("Cache-Control", cacheControl),
                        NOW_MILLIS))
                .isEqualTo(explicit(60));
    }

    @Test
    void rfc9111_5_2_2_3_mustUnderstandOverridesNoStoreForKnownStatuses() {
        String[] field = {"Cache-Control", "must-understand, no-store, max-age=60"};
        assertThat(decide(SILENT, 200, field)).isEqualTo(explicit(60));
        assertThat(decide(SILENT, 299, field).refusal()).isEqualTo(Refusal.STATUS);
        assertThat(SILENT.decide("GET", FieldList.of("Cache-Control", "no-store"), 200, FieldList.of(field), NOW_MILLIS)
                        .refusal())
                .as("the request's no-store stands")
                .isEqualTo(Refusal.REQUEST_NO_STORE);
    }

    @Test
    void configuredLifetimesSaturateAndCannotBeNegative() {
        for (long seconds : new long[] {DeltaSeconds.MAX, DeltaSeconds.MAX + 1, Long.MAX_VALUE}) {
            StoragePolicy forever = new StoragePolicy(Duration.ofSeconds(seconds), Duration.ZERO);
            assertThat(decide(forever, 200).lifetimeNanos()).isEqualTo(DeltaSeconds.MAX * 1_000_000_000L);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StoragePolicy(Duration.ZERO, Duration.ofNanos(-1)))
                .withMessageContaining("lastref.cache.negative-ttl");
    }

    @Test
    void aRefusalHasATokenForCacheStatus() {
        for (Refusal refusal : Refusal.values()) {
            CacheStatus.forward(CacheStatus.Forward.MISS).detail(refusal.token());
        }
        assertThat(Refusal.VARY_ANY.token()).isEqualTo("vary-any");
    }

    @Property
    void anyResponseIsDecidedAndStoredOnlyWithALifetime(
            @ForAll String cacheControl,
            @ForAll String expires,
            @ForAll String date,
            @ForAll String vary,
            @ForAll @IntRange(min = 100, max = 599) int status,
            @ForAll long millis) {
        FieldList response =
                FieldList.of("Cache-Control", cacheControl, "Expires", expires, "Date", date, "Vary", vary);
        Decision decision = CONFIGURED.decide("GET", FieldList.EMPTY, status, response, millis);
        assertThat(decision.isStorable()).isEqualTo(decision.lifetimeNanos() > 0);
    }
}
