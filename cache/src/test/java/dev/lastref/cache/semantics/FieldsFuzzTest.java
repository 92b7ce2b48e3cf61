package dev.lastref.cache.semantics;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever the fields of a request and a response are, everything that reads them comes to an end, throws nothing, and stays within its
 * bounds. Each test gets two heads as text, with an empty line between them.
 *
 * <p>The seeds are files beside this class; {@code mvn -Pfuzz} goes on from them, guided by coverage.
 */
class FieldsFuzzTest {
    private static final long NOW = 1_763_000_000L;
    private static final long NOW_NANOS = 5_000_000_000L;
    private static final CacheKey KEY = CacheKey.of("GET", "http", "a.test", "/a/b?c");
    private static final StoragePolicy POLICY = new StoragePolicy(StorageRules.defaults());
    private static final EncodingChoice CODINGS = new EncodingChoice(List.of("br", "gzip"));

    @FuzzTest(maxDuration = "60s")
    void everythingThatReadsFieldsComesToAnEnd(byte[] text) {
        read(new String(text, ISO_8859_1));
    }

    @Property(tries = 2000)
    void alsoOfFieldsThatAreAlmostRight(@ForAll("heads") String request, @ForAll("heads") String response) {
        read(request + "\n" + response);
    }

    @Provide
    Arbitrary<String> heads() {
        Arbitrary<String> name = Arbitraries.of(
                "Cache-Control",
                "CDN-Cache-Control",
                "Surrogate-Control",
                "Expires",
                "Date",
                "Age",
                "Last-Modified",
                "ETag",
                "Vary",
                "Pragma",
                "Range",
                "If-Range",
                "If-None-Match",
                "If-Match",
                "If-Modified-Since",
                "If-Unmodified-Since",
                "Content-Range",
                "Content-Length",
                "Accept-Encoding",
                "Accept-Language",
                "Accept",
                "Connection",
                "Location",
                "Content-Location",
                "Cache-Groups",
                "Cache-Group-Invalidation",
                "Cache-Tag",
                "Surrogate-Key",
                "Set-Cookie",
                "Authorization",
                "Accept-Ranges",
                "Transfer-Encoding");
        Arbitrary<String> word = Arbitraries.of(
                "max-age",
                "s-maxage",
                "no-cache",
                "private",
                "stale-if-error",
                "=",
                "\"",
                ",",
                ";",
                " ",
                "\t",
                "\\",
                "-",
                "1",
                "0",
                "99999999999999999999",
                "-1",
                "1.5",
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "Nov",
                "GMT",
                "bytes",
                "*",
                "W/",
                "q=0",
                "q=0.5",
                "gzip",
                "/",
                "//",
                "..",
                "?",
                "#",
                ":",
                "http://a.test/x",
                "é",
                "?1",
                "(",
                ")",
                "@1");
        Arbitrary<String> line = word.list().ofMaxSize(9).map(words -> String.join("", words));
        return net.jqwik.api.Combinators.combine(name, line)
                .as((field, value) -> field + ": " + value + "\n")
                .list()
                .ofMaxSize(5)
                .map(lines -> String.join("", lines));
    }

    private static FieldList fields(String head) {
        FieldList.Builder fields = FieldList.builder();
        head.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.add(line.substring(0, colon), Ascii.trim(line.substring(colon + 1)));
            }
        });
        return fields.build();
    }

    private static void read(String text) {
        int end = text.indexOf("\n\n");
        FieldList request = fields(end < 0 ? text : text.substring(0, end));
        FieldList response = fields(end < 0 ? text : text.substring(end + 2));
        directives(request, response);
        storing(request, response);
        ranges(request, response);
        selecting(request, response);
        names(request, response);
    }

    private static void directives(FieldList request, FieldList response) {
        for (CacheControl control : List.of(
                CacheControl.ofRequest(request),
                CacheControl.ofResponse(response),
                ResponseDirectives.of(response, List.of("CDN-Cache-Control", "Surrogate-Control"))
                        .control())) {
            for (long seconds :
                    new long[] {control.maxAge(), control.sMaxAge(), control.minFresh(), control.staleIfError()}) {
                assertThat(seconds).isBetween(Math.min(DeltaSeconds.ABSENT, DeltaSeconds.INVALID), DeltaSeconds.MAX);
            }
        }
        for (int i = 0; i < response.size(); i++) {
            long date = HttpDates.parse(response.value(i), NOW);
            if (date != HttpDates.ABSENT && date >= 0 && date < 253_402_300_800L) {
                assertThat(HttpDates.parseStrictly(HttpDates.format(date), NOW)).isEqualTo(date);
            }
            long strictly = HttpDates.parseStrictly(response.value(i), NOW);
            assertThat(strictly == HttpDates.ABSENT || strictly == date)
                    .as("what is strictly a date is the same date generously read")
                    .isTrue();
            DeltaSeconds.parse(response.value(i));
        }
    }

    private static void storing(FieldList request, FieldList response) {
        StoragePolicy.Decision decision = POLICY.decide("GET", request, 200, response, NOW * 1000);
        assertThat(decision.lifetimeNanos()).isNotNegative();
        POLICY.decide("GET", request, 206, response, NOW * 1000);
        Freshness freshness = Freshness.of(response, decision.lifetimeNanos(), 0, NOW_NANOS, NOW * 1000);
        assertThat(freshness.ageSeconds(NOW_NANOS)).isBetween(0L, DeltaSeconds.MAX);
        RequestPolicy policy = RequestPolicy.of("GET", request);
        assertThat(policy.reuse(freshness, decision.terms(), NOW_NANOS)).isNotNull();
        assertThat(policy.standInNanos(decision.terms())).isNotNegative();
        FieldUpdate.apply(response, request);
        Validators.of(response).confirm(Validators.of(request));
        NotModified.fieldsOf(response);
    }

    private static void ranges(FieldList request, FieldList response) {
        ContentRange part = ContentRange.of(response);
        if (part != null) {
            assertThat(part.range().first()).isBetween(0L, part.range().last());
            assertThat(part.range().last()).isLessThan(part.completeLength());
        }
        for (long length : new long[] {0, 1, 10_000, Long.MAX_VALUE}) {
            for (ByteRange range :
                    RangeSelection.of(request, response, length, NOW).ranges()) {
                assertThat(range.first()).isBetween(0L, range.last());
                assertThat(range.last()).isLessThan(length);
            }
        }
        Preconditions.isNotModified(request, response, NOW);
        Preconditions.isLeftToOrigin(request, response, NOW);
        Preconditions.hasConditionForOrigin(request);
        EntityTag tag = EntityTag.of(response);
        assertThat(tag == null || tag.equals(EntityTag.parse(tag.toString()))).isTrue();
    }

    private static void selecting(FieldList request, FieldList response) {
        VaryRule rule = VaryRule.of(response);
        if (!rule.isAny()) {
            KEY.withVariant(rule.variantOf(request));
        }
        FieldList reduced = CODINGS.apply(request);
        assertThat(CODINGS.apply(reduced).all("Accept-Encoding")).isEqualTo(reduced.all("Accept-Encoding"));
        FieldList kept = HopByHop.of(request).strip(request);
        assertThat(kept.contains("Connection")).isFalse();
    }

    private static void names(FieldList request, FieldList response) {
        CacheTags.of(response);
        Invalidation.groups(response);
        for (CacheKey key : Invalidation.keys(KEY, response)) {
            assertThat(Invalidation.isSameOrigin(KEY, key)).isTrue();
            assertThat(key.target()).startsWith("/");
        }
        request.forEach((name, value) -> CacheKey.of("GET", "http", value, value));
    }
}
