package dev.lastref.cache.semantics;

import static dev.lastref.cache.semantics.DeltaSeconds.ABSENT;
import static dev.lastref.cache.semantics.DeltaSeconds.INVALID;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {
    private static CacheControl response(String... lines) {
        FieldList.Builder fields = FieldList.builder();
        for (String line : lines) {
            fields.add("Cache-Control", line);
        }
        return CacheControl.ofResponse(fields.build());
    }

    @Test
    void rfc9111_5_2_everyDirectiveIsReadFromAllLines() {
        CacheControl all = response(
                "no-store, no-cache, private, public, must-revalidate",
                "proxy-revalidate, must-understand, no-transform, immutable, only-if-cached",
                "max-age=1, s-maxage=2, min-fresh=3, max-stale=4, stale-while-revalidate=5, stale-if-error=6");
        assertThat(all.noStore()).isTrue();
        assertThat(all.noCache()).isTrue();
        assertThat(all.isPrivate()).isTrue();
        assertThat(all.isPublic()).isTrue();
        assertThat(all.mustRevalidate()).isTrue();
        assertThat(all.proxyRevalidate()).isTrue();
        assertThat(all.mustUnderstand()).isTrue();
        assertThat(all.noTransform()).isTrue();
        assertThat(all.immutable()).isTrue();
        assertThat(all.onlyIfCached()).isTrue();
        assertThat(all.maxAge()).isEqualTo(1);
        assertThat(all.sMaxAge()).isEqualTo(2);
        assertThat(all.minFresh()).isEqualTo(3);
        assertThat(all.maxStale()).isEqualTo(4);
        assertThat(all.staleWhileRevalidate()).isEqualTo(5);
        assertThat(all.staleIfError()).isEqualTo(6);
    }

    @Test
    void nothingIsSaidWhereThereIsNoField() {
        CacheControl none = CacheControl.ofResponse(FieldList.EMPTY);
        assertThat(none.noStore() || none.noCache() || none.isPrivate() || none.isPublic() || none.mustRevalidate())
                .isFalse();
        assertThat(none.proxyRevalidate() || none.mustUnderstand() || none.noTransform() || none.immutable())
                .isFalse();
        assertThat(none.onlyIfCached()).isFalse();
        assertThat(List.of(none.maxAge(), none.sMaxAge(), none.minFresh(), none.maxStale()))
                .containsOnly(ABSENT);
        assertThat(List.of(none.staleWhileRevalidate(), none.staleIfError())).containsOnly(ABSENT);
    }

    @ParameterizedTest(name = "[{0}] is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "max-age=60|60",
                "MAX-Age=60|60",
                "max-age=\"60\"|60",
                "max-age=\"6\\0\"|60",
                " \t max-age=60\t |60",
                ",, ,max-age=60,,|60",
                "max-age =60|-2",
                "max-age= 60|-2",
                "max-age = 60|-2",
                "max-age\t=60|-2",
                "max-age=\t60|-2",
                "max-age= \"60\"|-2",
                "max-age= |-2",
                "foo, bar=baz, quux=\"max-age=5, \\\"no-store\", max-age=60|60",
                "max-age=060|60",
                "max-age=0|0",
                "max-age=2147483647|2147483647",
                "max-age=2147483648|2147483648",
                "max-age=2147483649|2147483648",
                "max-age=99999999999999999999999999|2147483648",
                "max-age|-2",
                "max-age=|-2",
                "max-age=\"\"|-2",
                "max-age=-1|-2",
                "max-age=+1|-2",
                "max-age=1.5|-2",
                "max-age=6 0|-2",
                "max-age='60'|-2",
                "max-age=\"60|-2",
                "max-age=\" 60\"|-2",
                "max-age=60; public|-2",
                "max-age=\"60\"x|-2",
                "max-age: 60|-2",
                "max-age=\u0664\u0662|-2",
                "x-max-age=60|-1",
                "max-age2=60|-1",
                "\"max-age=60\"|-1",
                "=max-age=60|-1",
            })
    void rfc9111_1_2_2_deltaSeconds(String line, long expected) {
        assertThat(response(line).maxAge()).isEqualTo(expected);
    }

    @ParameterizedTest(name = "[{0}] is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60, max-age=60|60",
                "max-age=60, max-age=\"060\"|60",
                "max-age=60, max-age=61|-2",
                "max-age=60, max-age=61, max-age=61|-2",
                "max-age=x, max-age=60|-2",
                "max-age=60, max-age|-2"
            })
    void rfc9111_4_2_1_duplicatesCountOnlyIfTheyAgree(String line, long expected) {
        assertThat(response(line).maxAge()).isEqualTo(expected);
        assertThat(response(line.split(", ")).maxAge())
                .as("on lines of their own")
                .isEqualTo(expected);
    }

    /** The grammar has no white space around the equals sign: what forbids counts all the same, and what permits does not. */
    @ParameterizedTest
    @ValueSource(strings = {" =", "= ", " = ", "\t=", "=\t"})
    void rfc9111_5_2_whiteSpaceAroundTheEqualsSignMakesAnArgumentInvalid(String equals) {
        String[] names = {"max-age", "s-maxage", "min-fresh", "max-stale", "stale-while-revalidate", "stale-if-error"};
        CacheControl all = response(String.join(equals + "60, ", names) + equals + "60");
        assertThat(List.of(all.maxAge(), all.sMaxAge(), all.minFresh(), all.maxStale()))
                .containsOnly(INVALID);
        assertThat(List.of(all.staleWhileRevalidate(), all.staleIfError())).containsOnly(INVALID);
        CacheControl forbidding =
                response("no-store" + equals + "1, no-cache" + equals + "\"ETag\", private" + equals + "ETag");
        assertThat(forbidding.noStore()).isTrue();
        assertThat(forbidding.noCache()).isTrue();
        assertThat(forbidding.noCacheFields()).isEmpty();
        assertThat(forbidding.isPrivate()).isTrue();
        assertThat(forbidding.privateFields()).isEmpty();
        assertThat(response("public" + equals + "1").isPublic()).isFalse();
    }

    /** Nobody can say where the string was to end. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-age=60, ext=\"no-store",
                "max-age=60, ext=\"a no-transform\", x=\" no-store",
                "ext=\"no-store, max-age=60",
                "max-age=60, \"no-store",
                "max-age=60, ext=\"a, no-store\", x=b\"",
                "max-age=60, ext=\"a\", no-store\"",
                "max-age=60, ext=\"\"\"no-store",
                "max-age=60, ext=\\\"no-store\\\"",
            })
    void rfc9110_5_6_4_whatForbidsIsReadBehindAQuoteThatNothingCloses(String line) {
        CacheControl read = response(line);
        assertThat(read.noStore()).isTrue();
        assertThat(read.maxAge()).isEqualTo(INVALID);
        String other = line.replace("no-store", "private, NO-CACHE=y");
        assertThat(response(other).isPrivate() && response(other).noCache()).isTrue();
        assertThat(response(other).privateFields()).isEmpty();
        assertThat(response(other).noCacheFields()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "ext=\"", "ext=\"a", "ext=a\"", "ext=\"a\\\"", "ext=\"a\" \"", "\"a\"\""})
    void rfc9110_5_6_4_whatPermitsDoesNotCountBesideAQuoteThatNothingCloses(String member) {
        String permits = "max-age=60, s-maxage=60, max-stale=60, stale-if-error=60, stale-while-revalidate=60, "
                + "min-fresh=60, public, immutable, must-understand, must-revalidate, private=\"a\", no-cache=\"b\"";
        for (String[] lines : new String[][] {
            {permits + ", " + member}, {member + ", " + permits}, {permits, member}, {member, permits}
        }) {
            CacheControl read = response(lines);
            assertThat(List.of(read.maxAge(), read.sMaxAge(), read.maxStale(), read.minFresh()))
                    .as(List.of(lines).toString())
                    .containsOnly(INVALID);
            assertThat(List.of(read.staleIfError(), read.staleWhileRevalidate()))
                    .containsOnly(INVALID);
            assertThat(read.isPublic() || read.immutable() || read.mustUnderstand())
                    .isFalse();
            assertThat(read.allowsAuthorized()).isFalse();
            assertThat(read.mustRevalidate() && read.isPrivate() && read.noCache())
                    .isTrue();
            assertThat(read.privateFields()).isEmpty();
            assertThat(read.noCacheFields()).isEmpty();
        }
        assertThat(response(member).maxAge()).as("not named").isEqualTo(ABSENT);
    }

    @Test
    void rfc9111_5_2_1_2_maxStaleMayComeWithoutANumber() {
        assertThat(response("max-stale").maxStale()).isEqualTo(CacheControl.UNLIMITED);
        assertThat(response("max-stale=").maxStale()).isEqualTo(INVALID);
        assertThat(response("max-stale; 5").maxStale()).isEqualTo(INVALID);
        assertThat(response("max-stale, max-stale=5").maxStale()).isEqualTo(INVALID);
    }

    @Test
    void rfc9111_5_2_2_4_noCacheIsQualifiedByFieldNames() {
        CacheControl qualified = response("no-cache=\"Set-Cookie, ,X-Token\", no-cache=ETag, private=\"Set-Cookie\"");
        assertThat(qualified.noCache()).isTrue();
        assertThat(qualified.noCacheFields()).containsExactly("set-cookie", "x-token", "etag");
        assertThat(qualified.isPrivate()).isTrue();
        assertThat(qualified.privateFields()).containsExactly("set-cookie");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-cache",
                "no-cache=",
                "no-cache=\"\"",
                "no-cache=\"a b\"",
                "no-cache=\"a",
                "no-cache=a, no-cache",
                "no-cache, no-cache=a"
            })
    void rfc9111_5_2_2_4_anythingElseIsUnqualified(String line) {
        assertThat(response(line).noCache()).isTrue();
        assertThat(response(line).noCacheFields()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-store; max-age=60",
                "x=\"unclosed, no-store",
                "x=\"unclosed\\\", no-store",
                "no-store=1",
                "no-store=\"\"",
                "NO-STORE",
                "@, no-store",
                "x \"a, b\", no-store"
            })
    void whatForbidsIsFoundInAMalformedLine(String line) {
        assertThat(response(line).noStore()).isTrue();
    }

    @Test
    void whatPermitsIsIgnoredWhereItIsMalformed() {
        assertThat(response("public=1").isPublic()).isFalse();
        assertThat(response("public; private").isPublic()).isFalse();
        assertThat(response("must-understand=0").mustUnderstand()).isFalse();
        assertThat(response("x \"a, public, b\"").isPublic()).isFalse();
        assertThat(response("no-\u017Ftore").noStore())
                .as("not a letter of HTTP")
                .isFalse();
    }

    @Test
    void rfc9111_5_4_pragmaCountsOnlyWithoutCacheControl() {
        assertThat(CacheControl.ofRequest(FieldList.of("Pragma", "x, No-Cache")).noCache())
                .isTrue();
        assertThat(CacheControl.ofRequest(FieldList.of("Pragma", "no-cache", "Cache-Control", "max-age=1"))
                        .noCache())
                .isFalse();
        assertThat(CacheControl.ofRequest(FieldList.of("Pragma", "x=\"no-cache\""))
                        .noCache())
                .isFalse();
        assertThat(CacheControl.ofResponse(FieldList.of("Pragma", "no-cache")).noCache())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "public,true",
        "must-revalidate,true",
        "s-maxage=0,true",
        "s-maxage=x,false",
        "max-age=60,false",
        "proxy-revalidate,false"
    })
    void rfc9111_3_5_directivesThatShareDespiteAuthorization(String line, boolean allowed) {
        assertThat(response(line).allowsAuthorized()).isEqualTo(allowed);
    }

    @Property(tries = 5000)
    void anyStringsAreReadWithoutThrowing(@ForAll @Size(max = 4) List<@From("lines") String> lines) {
        CacheControl control = response(lines.toArray(new String[0]));
        assertThat(control.maxAge()).isBetween(INVALID, DeltaSeconds.MAX);
        assertThat(control.sMaxAge()).isBetween(INVALID, DeltaSeconds.MAX);
    }

    @Property
    void aLineOfItsOwnIsHeardWhateverStandsBesideIt(@ForAll("lines") String before, @ForAll("lines") String after) {
        assertThat(response(before, "no-store", after).noStore()).isTrue();
    }

    @Property
    void aListOfWellFormedDirectivesIsReadWhole(@ForAll @Size(max = 8) List<@From("wellFormed") String> members) {
        List<String> withStore = new ArrayList<>(members);
        withStore.add("max-age=7");
        assertThat(response(String.join(",", withStore)).maxAge()).isEqualTo(7);
        assertThat(response(String.join(" ,\t", withStore)).maxAge()).isEqualTo(7);
    }

    @Property
    void rfc9111_1_2_2_numbersSaturate(@ForAll BigInteger number) {
        BigInteger positive = number.abs();
        long expected = positive.min(BigInteger.valueOf(DeltaSeconds.MAX)).longValueExact();
        assertThat(DeltaSeconds.parse(positive.toString())).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\", "\"", "x\"\\", "a=\"b\\\"", ",", "x \"a\" ", "\\"})
    void aLongLineTakesLinearTime(String pattern) {
        String line = pattern.repeat(2_000_000 / pattern.length());
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> response(line));
    }

    @Provide
    Arbitrary<String> lines() {
        Arbitrary<String> grammar =
                Arbitraries.strings().withChars("\"\\,=; \tax-0129*").ofMaxLength(30);
        Arbitrary<String> pieces = Arbitraries.of(
                        "max-age",
                        "s-maxage=",
                        "no-cache=\"",
                        "\"",
                        "\\",
                        ",",
                        "=",
                        " ",
                        "60",
                        "private",
                        "\u017F",
                        "\0")
                .list()
                .ofMaxSize(12)
                .map(list -> String.join("", list));
        return Arbitraries.oneOf(grammar, pieces, Arbitraries.strings());
    }

    @Provide
    Arbitrary<String> wellFormed() {
        Arbitrary<String> name =
                Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(5);
        Arbitrary<String> quoted = Arbitraries.strings()
                .withChars("a ,=\t\"\\")
                .ofMaxLength(8)
                .map(s -> "\"" + s.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        return Arbitraries.oneOf(
                name.map(n -> "x-" + n), name.flatMap(n -> quoted.map(q -> "x-" + n + "=" + q)), Arbitraries.just(""));
    }
}
