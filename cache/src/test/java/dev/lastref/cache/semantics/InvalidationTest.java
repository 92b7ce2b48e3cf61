package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidationTest {
    private static final CacheKey TARGET = CacheKey.of("GET", "http", "a.test:8080", "/b/c/d;p?q");

    /** From the examples of RFC 3986, section 5.4. */
    @ParameterizedTest
    @CsvSource({
        "g, /b/c/g",
        "./g, /b/c/g",
        "g/, /b/c/g/",
        "/g, /g",
        "?y, /b/c/d;p?y",
        "g?y, /b/c/g?y",
        "g#s, /b/c/g",
        "g?y#s, /b/c/g?y",
        ";x, /b/c/;x",
        "., /b/c/",
        "./, /b/c/",
        ".., /b/",
        "../, /b/",
        "../g, /b/g",
        "../.., /",
        "../../g, /g",
        "../../../g, /g",
        "/./g, /g",
        "/../g, /g",
        "g., /b/c/g.",
        ".g, /b/c/.g",
        "..g, /b/c/..g",
        "./../g, /b/g",
        "g/./h, /b/c/g/h",
        "g/../h, /b/c/h",
        "g?y/../x, /b/c/g?y/../x",
        "http://a.test:8080/x, /x",
        "HTTP://A.TEST:8080/x, /x",
        "//a.test:8080/x?y, /x?y",
        "http://a.test:8080, /",
    })
    void rfc9111_4_4_whatLocationNamesBecomesInvalid(String location, String target) {
        List<CacheKey> keys = Invalidation.keys(TARGET, FieldList.of("Location", location));
        assertThat(keys).containsExactly(TARGET, CacheKey.of("GET", "http", "a.test:8080", target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://a.test:8080/x",
                "http://a.test/x",
                "http://b.test:8080/x",
                "//b.test/x",
                "mailto:a@a.test",
                "http:/x",
                "",
                "#f",
            })
    void rfc9111_4_4_nothingOfAnotherOriginDoes(String location) {
        assertThat(Invalidation.keys(TARGET, FieldList.of("Content-Location", location)))
                .containsExactly(TARGET);
    }

    @ParameterizedTest
    @CsvSource({
        "200, true",
        "204, true",
        "301, true",
        "304, true",
        "399, true",
        "400, false",
        "500, false",
        "100, false"
    })
    void rfc9111_4_4_onlyWhatIsNoErrorInvalidates(int status, boolean invalidates) {
        assertThat(Invalidation.isCausedBy(status)).isEqualTo(invalidates);
    }

    @Property
    void whateverALocationSaysIsReadAndAPathIsResolvedAsTheJdkDoes(@ForAll("references") String reference) {
        CacheKey key = UriReference.resolve(TARGET, reference);
        assertThat(key).isNotNull();
        URI resolved = URI.create("http://a.test:8080/b/c/d;p?q").resolve(reference);
        String path = resolved.getRawPath();
        Assume.that(!path.startsWith("/..")); // the JDK keeps what leads above the root
        assertThat(key.target()).isEqualTo(path.isEmpty() ? "/" : path);
    }

    @Provide
    Arbitrary<String> references() {
        return Arbitraries.of("a", "..", ".", "b.c", "...", "x;y")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(segments -> String.join("/", segments));
    }

    @Property
    void anyLocationIsReadWithoutAnError(@ForAll String location) {
        Invalidation.keys(TARGET, FieldList.of("Location", location, "Content-Location", location));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'\"a\"', a",
                "'\"a\", \"b c\"', a|b c",
                "'  \"a\"\t,\t\"b\"  ', a|b",
                "'\"a\";x;y=1;z=\"q\", \"b\"', a|b",
                "'\"a\\\"\\\\\"', 'a\"\\'",
                "'\"a,b\"', 'a,b'",
                "a, ''",
                "'\"a\", b', ''",
                "'\"a\",', ''",
                "'\"a\" \"b\"', ''",
                "'\"a', ''",
                "'\"a\\x\"', ''",
                "'\"a\";', ''",
                "'(\"a\")', ''",
                "'', ''",
            })
    void rfc9875_2_groupsAreAListOfStrings(String value, String groups) {
        List<String> expected = groups.isEmpty() ? List.of() : List.of(groups.split("\\|"));
        assertThat(CacheTags.groups(FieldList.of("Cache-Groups", value))).isEqualTo(expected);
        assertThat(Invalidation.groups(FieldList.of("Cache-Group-Invalidation", value)))
                .isEqualTo(expected);
    }

    @Property
    void anyListIsReadWithoutAnError(@ForAll String value) {
        CacheTags.of(FieldList.of("Cache-Groups", value, "Cache-Tag", value, "xkey", value));
        CacheTags.groups(FieldList.of("Cache-Groups", "\"a\";" + value));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "Surrogate-Key, 'a b  c', a|b|c",
                "xkey, 'a\tb a', a|b",
                "XKEY, a, a",
                "Cache-Tag, 'a b , c,,', a b|c",
                "Cache-Groups, '\"a b\"', a b",
                "Surrogate-Key, '', ''",
                "X-Other, a, ''",
            })
    void tagsAreReadFromTheFieldsThatPeopleUse(String name, String value, String tags) {
        assertThat(CacheTags.of(FieldList.of("Date", "x", name, value)))
                .isEqualTo(tags.isEmpty() ? List.of() : List.of(tags.split("\\|")));
    }
}
