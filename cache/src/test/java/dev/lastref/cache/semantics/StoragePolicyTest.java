package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lastref.cache.semantics.StoragePolicy.Decision;
import dev.lastref.cache.semantics.StoragePolicy.Refusal;
import dev.lastref.cache.semantics.StorageRules.CookieRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoragePolicyTest {
    private static final long NOW_MILLIS = 784_111_777_000L; // Sun, 06 Nov 1994 08:49:37 GMT
    private static final String NOW = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String A_DAY_BEFORE = "Sat, 05 Nov 1994 08:49:37 GMT";
    private static final StorageRules DEFAULTS = StorageRules.defaults();
    private static final StoragePolicy SILENT = new StoragePolicy(DEFAULTS);
    private static final StoragePolicy CONFIGURED =
            new StoragePolicy(DEFAULTS.withTtl(Duration.ofMillis(1500), Duration.ofSeconds(2)));

    private static Decision decide(StoragePolicy policy, int status, String... response) {
        return policy.decide("GET", FieldList.EMPTY, status, FieldList.of(response), NOW_MILLIS);
    }

    private static List<Integer> statuses(IntPredicate which) {
        return IntStream.range(0, 1000).filter(which).boxed().toList();
    }

    private static void assertLifetime(Decision decision, long seconds) {
        assertThat(decision.refusal()).isNull();
        assertThat(decision.lifetimeNanos())
                .isEqualTo(Duration.ofSeconds(seconds).toNanos());
    }

    // ---- section 3: which responses are stored

    @Test
    void rfc9111_3_everyFinalStatusIsStoredWithAnExplicitLifetime() {
        for (String field : List.of("max-age=60", "s-maxage=60")) {
            List<Integer> stored = statuses(
                    status -> decide(SILENT, status, "Cache-Control", field).isStorable());
            List<Integer> forOne = List.of(206, 304, 412, 416);
            assertThat(stored)
                    .isEqualTo(statuses(status -> status >= 200 && status <= 599 && !forOne.contains(status)));
        }
        assertThat(decide(SILENT, 206, "Cache-Control", "max-age=60").refusal()).isEqualTo(Refusal.PARTIAL);
        assertThat(decide(SILENT, 412, "Cache-Control", "max-age=60").refusal()).isEqualTo(Refusal.STATUS);
        assertThat(decide(SILENT, 304, "Cache-Control", "max-age=60").refusal()).isEqualTo(Refusal.STATUS);
        assertThat(decide(SILENT, 103, "Cache-Control", "max-age=60").refusal()).isEqualTo(Refusal.STATUS);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes 0-4/10, true",
        "bytes 0-4/*, false",
        "bytes 4-0/10, false",
        "items 0-4/10, false",
        "'', false",
    })
    void rfc9111_3_3_aPartIsStoredIfItsRangeIsUnderstood(String range, boolean stored) {
        assertThat(decide(SILENT, 206, "Cache-Control", "max-age=60", "Content-Range", range)
                        .isStorable())
                .isEqualTo(stored);
    }

    @Test
    void rfc9111_3_whatIsSilentAndCannotBeValidatedIsNotStored() {
        assertThat(statuses(status -> decide(SILENT, status).isStorable())).isEmpty();
        assertThat(decide(SILENT, 200).refusal()).isEqualTo(Refusal.NO_LIFETIME);
    }

    /** The last item of the list: without a lifetime or public, only statuses whose lifetime may be guessed. */
    @Test
    void rfc9111_3_aStatusThatIsNotHeuristicallyCacheableNeedsAnExplicitLifetime() {
        List<Integer> cacheable = List.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501);
        StoragePolicy generous = new StoragePolicy(StorageRules.defaults()
                .withTtl(Duration.ofSeconds(9), Duration.ofSeconds(9))
                .withStale(Duration.ofSeconds(9), Duration.ofSeconds(9)));
        for (String[] fields : new String[][] {{"ETag", "\"x\""}, {"Cache-Control", "no-cache", "ETag", "\"x\""}}) {
            assertThat(statuses(status -> decide(generous, status, fields).isStorable()))
                    .isEqualTo(cacheable);
        }
        assertThat(decide(generous, 500, "ETag", "\"x\"").refusal()).isEqualTo(Refusal.NO_LIFETIME);
        assertThat(decide(generous, 500, "ETag", "\"x\"", "Cache-Control", "public")
                        .isStorable())
                .isTrue();
        assertThat(decide(generous, 206, "ETag", "\"x\"", "Content-Range", "bytes 0-4/10")
                        .isStorable())
                .isTrue();
    }

    // ---- POST

    private static final CacheKey POSTED = CacheKey.of("GET", "http", "t", "/a?b");

    private static Refusal refusalOfPost(int status, FieldList request, String... response) {
        return CONFIGURED
                .decideOnPost(POSTED, request, status, FieldList.of(response), NOW_MILLIS)
                .refusal();
    }

    @ParameterizedTest
    @CsvSource({
        "/a?b, true",
        "http://T:80/a?b, true",
        "?b, true",
        "a?b#c, true",
        "/a, false",
        "//u/a?b, false",
        "'', true"
    })
    void rfc9110_9_3_3_aPostIsStoredIfItsContentLocationIsItsTarget(String location, boolean stored) {
        Refusal refusal =
                refusalOfPost(200, FieldList.EMPTY, "Cache-Control", "max-age=60", "Content-Location", location);
        assertThat(refusal).isEqualTo(stored ? null : Refusal.METHOD);
    }

    @Test
    void rfc9110_9_3_3_aPostIsStoredWithAnExplicitLifetimeOnly() {
        String[] about = {"Content-Location", "/a?b", "ETag", "\"x\"", "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"
        };
        assertThat(refusalOfPost(200, FieldList.EMPTY, about)).isEqualTo(Refusal.NO_LIFETIME);
        assertThat(refusalOfPost(
                        200, FieldList.EMPTY, "Content-Location", "/a?b", "Cache-Control", "no-store, max-age=9"))
                .isEqualTo(Refusal.NO_STORE);
        assertThat(refusalOfPost(200, FieldList.EMPTY, "Cache-Control", "max-age=9"))
                .as("without Content-Location")
                .isEqualTo(Refusal.METHOD);
        assertThat(refusalOfPost(201, FieldList.EMPTY, "Content-Location", "/a?b", "Cache-Control", "max-age=9"))
                .as("about what was made")
                .isEqualTo(Refusal.METHOD);
        assertThat(refusalOfPost(
                        200,
                        FieldList.of("Cache-Control", "no-store"),
                        "Content-Location",
                        "/a?b",
                        "Cache-Control",
                        "max-age=9"))
                .isEqualTo(Refusal.REQUEST_NO_STORE);
    }

    @ParameterizedTest(name = "{0}: {1} is refused with {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Cache-Control | no-store, max-age=60            | NO_STORE",
                "Cache-Control | private, max-age=60             | PRIVATE",
                "Cache-Control | private=\"vary\", max-age=60    | PRIVATE",
                "Cache-Control | private=\"x y\", max-age=60     | PRIVATE",
                "Cache-Control | no-cache, max-age=60            | NO_CACHE",
                "Cache-Control | no-cache=\"Date\", max-age=60   | NO_CACHE",
                "Set-Cookie    | a=b                             | SET_COOKIE",
                "Set-Cookie2   | a=b                             | SET_COOKIE",
                "Vary          | Accept, *                       | VARY_ANY",
                "Cache-Control | max-age=0                       | EXPIRED",
                "Cache-Control | max-age=-1                      | EXPIRED",
                "Cache-Control | max-age=1, max-age=2            | EXPIRED",
                "Cache-Control | max-age=60, s-maxage=0          | EXPIRED",
                "Expires       | 0                               | EXPIRED",
                "Expires       | Sun, 06 Nov 1994 08:49:37 GMT   | EXPIRED",
                "Pragma        | no-cache                        | NO_LIFETIME",
            })
    void rfc9111_3_theResponseRefuses(String name, String value, Refusal expected) {
        assertThat(decide(CONFIGURED, 200, name, value).refusal()).isEqualTo(expected);
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
        Decision decision = CONFIGURED.decide(
                "GET",
                FieldList.of("Authorization", "Basic x"),
                200,
                FieldList.of("Cache-Control", cacheControl),
                NOW_MILLIS);
        assertLifetime(decision, 60);
        assertThat(decision.terms().allowsAuthorized()).isTrue();
    }

    @Test
    void rfc9111_4_1_aVaryOnFieldsIsStored() {
        assertLifetime(decide(SILENT, 200, "Vary", "Accept", "Cache-Control", "max-age=60"), 60);
    }

    @Test
    void rfc9111_5_2_2_3_mustUnderstandOverridesNoStoreForKnownStatuses() {
        String[] field = {"Cache-Control", "must-understand, no-store, max-age=60"};
        assertLifetime(decide(SILENT, 200, field), 60);
        assertThat(decide(SILENT, 299, field).refusal()).isEqualTo(Refusal.STATUS);
        assertThat(decide(SILENT, 599, "Cache-Control", "must-understand, max-age=60")
                        .refusal())
                .isEqualTo(Refusal.STATUS);
        assertThat(SILENT.decide("GET", FieldList.of("Cache-Control", "no-store"), 200, FieldList.of(field), NOW_MILLIS)
                        .refusal())
                .as("the request's no-store stands")
                .isEqualTo(Refusal.REQUEST_NO_STORE);
    }

    @ParameterizedTest(name = "{0} withholds {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "private=\"X-User\"                       | x-user",
                "no-cache=\"set-cookie\"                  | set-cookie",
                "private=\"a, b\", no-cache=\"b, C\"      | a b c",
                "private=a                                | a",
            })
    void rfc9111_5_2_2_4_and_7_fieldsAreWithheldAndTheRestIsStored(String directives, String withheld) {
        Decision decision =
                decide(SILENT, 200, "Cache-Control", directives, "Cache-Control", "max-age=60", "Set-Cookie", "a=b");
        assertLifetime(decision, 60);
        assertThat(decision.withheld()).containsExactlyInAnyOrder(withheld.split(" "));
        assertThat(decision.terms().alwaysValidated()).isFalse();
    }

    // ---- what is kept to be validated

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"ETag | \"x\"", "ETag | W/\"x\"", "Last-Modified | Sun, 06 Nov 1994 08:49:37 GMT"})
    void rfc9111_4_3_whatCanBeValidatedIsKeptBeyondItsLifetime(String name, String value) {
        // For as long as it was fresh; at least 5 s, at most what is set.
        Map<String, Duration> kept = Map.of(
                "max-age=60", Duration.ofSeconds(60),
                "max-age=86400", DEFAULTS.keep(),
                "max-age=1", Duration.ofSeconds(5),
                "max-age=0", Duration.ofSeconds(5),
                "no-cache", Duration.ofSeconds(5));
        for (String directives : kept.keySet()) {
            Decision decision = decide(SILENT, 200, name, value, "Cache-Control", directives);
            assertThat(decision.refusal()).as(directives).isNull();
            assertThat(decision.terms().keepNanos())
                    .as(directives)
                    .isEqualTo(kept.get(directives).toNanos());
            assertThat(decision.terms().alwaysValidated()).isEqualTo(directives.equals("no-cache"));
        }
        assertThat(decide(new StoragePolicy(DEFAULTS.withKeep(Duration.ZERO)), 200, name, value, "Expires", "0")
                        .refusal())
                .isEqualTo(Refusal.EXPIRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "*", "\"x", "x\"", "w/\"x\"", "W/x", "\"a b\"", "\"a\"b\""})
    void rfc9110_8_8_3_whatIsNoEntityTagValidatesNothing(String tag) {
        assertThat(decide(SILENT, 200, "ETag", tag).refusal()).isEqualTo(Refusal.NO_LIFETIME);
    }

    @ParameterizedTest(name = "{0}: revalidates {1} s, error {2} s")
    @CsvSource(
            delimiter = '|',
            value = {
                "stale-while-revalidate=5, stale-if-error=7           | 5 | 7",
                "x                                                    | 3 | 4",
                "stale-while-revalidate=0, stale-if-error=0           | 0 | 0",
                "stale-while-revalidate=x, stale-if-error=-1          | 0 | 0",
                "stale-if-error=7, must-revalidate                    | 0 | 0",
                "stale-if-error=7, proxy-revalidate                   | 0 | 0",
                "stale-if-error=7, stale-while-revalidate=7, no-cache | 0 | 0",
                "stale-if-error=7, s-maxage=60                        | 0 | 0",
            })
    void rfc5861_windowsAreTheResponsesElseTheConfiguredAndNeverAgainstAProhibition(
            String directives, long whileRevalidate, long ifError) {
        StoragePolicy policy = new StoragePolicy(DEFAULTS.withStale(Duration.ofSeconds(3), Duration.ofSeconds(4)));
        ReuseTerms terms = decide(policy, 200, "ETag", "\"x\"", "Cache-Control", "max-age=60, " + directives)
                .terms();
        assertThat(terms.staleWhileRevalidateNanos()).isEqualTo(Freshness.nanos(whileRevalidate));
        assertThat(terms.staleIfErrorNanos()).isEqualTo(Freshness.nanos(ifError));
    }

    // ---- lifetimes that the response does not name

    @Test
    void configuredLifetimesApplyWhereTheResponseIsSilent() {
        assertThat(statuses(status -> decide(CONFIGURED, status).lifetimeNanos() == 1_500_000_000L))
                .containsExactly(200, 203, 204, 300, 301, 308);
        assertThat(statuses(status -> decide(CONFIGURED, status).lifetimeNanos() == 2_000_000_000L))
                .containsExactly(404, 405, 410, 414, 501);
        assertThat(decide(CONFIGURED, 302).refusal()).isEqualTo(Refusal.NO_LIFETIME);
        assertThat(decide(CONFIGURED, 200, "Last-Modified", A_DAY_BEFORE, "Date", NOW)
                        .lifetimeNanos())
                .as("the operator's word goes before a guess")
                .isEqualTo(1_500_000_000L);
    }

    @Test
    void rfc9111_4_2_2_aTenthOfTheTimeSinceTheLastModificationIsGuessedForTheseStatuses() {
        long tenth = Duration.ofDays(1).toNanos() / 10;
        String[] fields = {"Last-Modified", A_DAY_BEFORE, "Date", NOW};
        List<Integer> guessed = List.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501);
        assertThat(statuses(status -> decide(SILENT, status, fields).lifetimeNanos() == tenth))
                .isEqualTo(guessed);
        assertThat(statuses(status -> decide(SILENT, status, fields).lifetimeNanos() == 0))
                .hasSize(1000 - guessed.size());
    }

    @Test
    void rfc9111_4_2_2_publicAllowsToGuessForEachStatusThatMayBeStoredButFailuresThatPass() {
        String[] fields = {"Last-Modified", A_DAY_BEFORE, "Date", NOW, "Cache-Control", "public"};
        long tenth = Duration.ofDays(1).toNanos() / 10;
        assertThat(statuses(status -> decide(SILENT, status, fields).lifetimeNanos() == tenth))
                .isEqualTo(statuses(status ->
                        decide(SILENT, status, "Cache-Control", "max-age=60").lifetimeNanos() > 0
                                && !List.of(500, 502, 503, 504).contains(status)))
                .contains(200, 404, 501, 599)
                .doesNotContain(199, 304, 600);
    }

    @Test
    void theGuessIsBoundedAndMayBeSwitchedOff() {
        String[] old = {"Last-Modified", "Thu, 06 Nov 1980 08:49:37 GMT", "Date", NOW};
        assertThat(decide(SILENT, 200, old).lifetimeNanos())
                .isEqualTo(DEFAULTS.heuristicMax().toNanos());
        StoragePolicy never = new StoragePolicy(DEFAULTS.withHeuristicMax(Duration.ZERO));
        assertThat(decide(never, 200, old).lifetimeNanos()).isZero();
        assertThat(decide(SILENT, 200, "Last-Modified", NOW, "Date", A_DAY_BEFORE)
                        .lifetimeNanos())
                .as("modified after it was made")
                .isZero();
    }

    @Test
    void rfc9111_5_4_pragmaDoesNotOverrideALifetime() {
        assertLifetime(decide(SILENT, 200, "Pragma", "no-cache", "Cache-Control", "max-age=60"), 60);
    }

    @Test
    void configuredLifetimesSaturateAndCannotBeNegative() {
        for (long seconds : new long[] {DeltaSeconds.MAX, DeltaSeconds.MAX + 1, Long.MAX_VALUE}) {
            StoragePolicy forever = new StoragePolicy(DEFAULTS.withTtl(Duration.ofSeconds(seconds), Duration.ZERO));
            assertThat(decide(forever, 200).lifetimeNanos()).isEqualTo(DeltaSeconds.MAX * 1_000_000_000L);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DEFAULTS.withTtl(Duration.ZERO, Duration.ofNanos(-1)))
                .withMessageContaining("lastref.cache.negative-ttl");
    }

    // ---- cookies

    @ParameterizedTest(name = "{0} with {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "EXPLICIT | max-age=60         | true",
                "EXPLICIT | x                  | false",
                "EXPLICIT | public             | false",
                "SHARED   | max-age=60         | false",
                "SHARED   | s-maxage=60        | true",
                "SHARED   | public, max-age=60 | true",
                "NEVER    | s-maxage=60        | false",
                "NEVER    | public, max-age=60 | false",
            })
    void rfc9111_7_3_cookiesAreSharedOnlyWithALifetimeOfTheirOwn(CookieRule rule, String directives, boolean stored) {
        StoragePolicy policy =
                new StoragePolicy(DEFAULTS.withSetCookie(rule).withTtl(Duration.ofSeconds(5), Duration.ofSeconds(5)));
        Decision decision = decide(policy, 200, "Set-Cookie", "a=b", "Cache-Control", directives);
        assertThat(decision.isStorable()).isEqualTo(stored);
        assertThat(decision.refusal()).isEqualTo(stored ? null : Refusal.SET_COOKIE);
    }

    // ---- targeted fields

    @ParameterizedTest(name = "CDN-Cache-Control: {0} beside {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60                   | max-age=5   | 60",
                "max-age=60                   | no-store    | 60",
                "max-age=60                   | private     | 60",
                "max-age=5, foo               | max-age=60  | 5",
                "max-age=5;x=1                | max-age=60  | 5",
                "max-age=0                    | max-age=60  | EXPIRED",
                "no-store                     | max-age=60  | NO_STORE",
                "private                      | max-age=60  | PRIVATE",
                "no-cache, max-age=9          | max-age=60  | NO_CACHE",
                "foo                          | max-age=60  | NO_LIFETIME",
                "max-age=99999999999          | max-age=60  | 2147483648",
                // not a dictionary, or an empty one: as if it were not there
                "''                           | max-age=60  | 60",
                "max-age=5, &&&               | max-age=60  | 60",
                "max-age =5                   | max-age=60  | 60",
                "MAX-AGE=5                    | max-age=60  | 60",
                // of a type that max-age does not have: unreadable, which is no lifetime
                "max-age=\"5\"              | max-age=60  | EXPIRED",
                "max-age=-5                   | max-age=60  | EXPIRED",
                "max-age                      | max-age=60  | EXPIRED",
                "max-age=5.5                  | max-age=60  | EXPIRED",
                "no-store=?0, max-age=7       | max-age=60  | 7",
            })
    void rfc9213_2_2_aTargetedFieldGoesBeforeCacheControl(String targeted, String cacheControl, String expected) {
        Decision decision =
                decide(SILENT, 200, "CDN-Cache-Control", targeted, "Cache-Control", cacheControl, "Expires", "0");
        String found = decision.refusal() == null
                ? String.valueOf(decision.lifetimeNanos() / 1_000_000_000L)
                : decision.refusal().name();
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void rfc9213_2_2_theFirstOfTheListThatIsThereCounts() {
        StoragePolicy policy = new StoragePolicy(DEFAULTS.withTargets(List.of("A-Cache-Control", "B-Cache-Control")));
        assertLifetime(decide(policy, 200, "B-Cache-Control", "max-age=2", "A-Cache-Control", "max-age=1"), 1);
        assertLifetime(decide(policy, 200, "B-Cache-Control", "max-age=2", "A-Cache-Control", "%"), 2);
        assertLifetime(decide(policy, 200, "CDN-Cache-Control", "no-store", "Cache-Control", "max-age=3"), 3);
    }

    @Test
    void surrogateControlIsReadAsItsSpecificationHasIt() {
        Decision plain = decide(SILENT, 200, "Surrogate-Control", "max-age=600+30", "Cache-Control", "private");
        assertLifetime(plain, 600);
        assertThat(plain.terms().staleWhileRevalidateNanos()).isEqualTo(Freshness.nanos(30));
        assertThat(decide(SILENT, 200, "Surrogate-Control", "no-store", "Cache-Control", "max-age=60")
                        .refusal())
                .isEqualTo(Refusal.NO_STORE);
        assertLifetime(
                decide(SILENT, 200, "Surrogate-Control", "content=\"ESI/1.0\"", "Cache-Control", "max-age=60"), 60);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-age =600+30",
                "max-age= 600+30",
                "max-age=600+30, content=\"ESI/1.0",
                "content=\"max-age=600+30",
                "max-age=600 +30",
            })
    void surrogateControlThatIsMalformedNamesNoTime(String line) {
        Decision decision =
                decide(SILENT, 200, "Surrogate-Control", line, "Cache-Control", "max-age=60", "ETag", "\"x\"");
        assertLifetime(decision, 0);
        assertThat(decision.terms().staleWhileRevalidateNanos()).isZero();
        assertThat(decide(SILENT, 200, "Surrogate-Control", "max-age=60, content=\"no-store")
                        .refusal())
                .isEqualTo(Refusal.NO_STORE);
    }

    // ----

    @Test
    void aRefusalHasATokenForCacheStatus() {
        for (Refusal refusal : Refusal.values()) {
            CacheStatus.forward(CacheStatus.Forward.MISS).detail(refusal.token());
        }
        assertThat(Refusal.VARY_ANY.token()).isEqualTo("vary-any");
    }

    @Property
    void anyResponseIsDecidedAndStoredOnlyIfItIsOfUse(
            @ForAll String cacheControl,
            @ForAll String targeted,
            @ForAll String expires,
            @ForAll String date,
            @ForAll String vary,
            @ForAll @IntRange(min = 100, max = 599) int status,
            @ForAll long millis) {
        FieldList response = FieldList.of(
                "Cache-Control", cacheControl,
                "CDN-Cache-Control", targeted,
                "Surrogate-Control", targeted,
                "Expires", expires,
                "Date", date,
                "Vary", vary);
        Decision decision = CONFIGURED.decide("GET", FieldList.EMPTY, status, response, millis);
        assertThat(decision.isStorable())
                .isEqualTo(decision.lifetimeNanos() + decision.terms().keepNanos() > 0);
    }
}
