package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheKeyTest {
    private static CacheKey get(String authority, String target) {
        return CacheKey.of("GET", "http", authority, target);
    }

    @ParameterizedTest(name = "{0} {1} {2} is {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "http  | example.com        | /             | http://example.com/",
                "HTTP  | EXAMPLE.com        | /Path         | http://example.com/Path",
                "http  | example.com:80     | /             | http://example.com/",
                "https | example.com:443    | /             | https://example.com/",
                "http  | example.com:443    | /             | http://example.com:443/",
                "https | example.com:80     | /             | https://example.com:80/",
                "http  | example.com:       | /             | http://example.com/",
                "http  | example.com:8080   | /             | http://example.com:8080/",
                "http  | [::1]              | /             | http://[::1]/",
                "http  | [2001:DB8::80]:80  | /             | http://[2001:db8::80]/",
                "http  | [2001:db8::80]     | /             | http://[2001:db8::80]/",
                "http  | User@Example.com   | /             | http://User@example.com/",
                "http  | h                  | ''            | http://h/",
                "http  | h                  | ?q            | http://h/?q",
                "http  | h                  | /a?           | http://h/a?",
                "http  | h                  | //a/../%7e    | http://h//a/../%7e",
                "http  | h                  | /x?u=http://y | http://h/x?u=http://y",
                "http  | h                  | *             | http://h*",
                "http  | h                  | HTTPS://O:443 | https://o/",
                "http  | h                  | http://O?q=A  | http://o/?q=A",
                "http  | h                  | http://O/P?q  | http://o/P?q",
                "https | h                  | http://o:80/p | http://o/p",
                "http  | h                  | 1ttp://o/p    | http://h1ttp://o/p",
            })
    void rfc9110_4_2_3_uriIsNormalised(String scheme, String authority, String target, String expected) {
        CacheKey key = CacheKey.of("GET", scheme, authority, target);
        assertThat(key.scheme() + "://" + key.authority() + key.target()).isEqualTo(expected);
        assertThat(key).hasToString("GET " + expected);
    }

    @Test
    void rfc9111_4_aStoredGetAnswersHead() {
        assertThat(CacheKey.of("HEAD", "http", "h", "/")).isEqualTo(get("h", "/"));
        assertThat(CacheKey.of("POST", "http", "h", "/")).isNotEqualTo(get("h", "/"));
        assertThat(CacheKey.of("get", "http", "h", "/")).isNotEqualTo(get("h", "/"));
    }

    @Test
    void whatOnlyLooksEquivalentStaysApart() {
        assertThat(get("h", "/a")).isNotEqualTo(get("h", "/A"));
        assertThat(get("h", "/a")).isNotEqualTo(get("h", "/a?"));
        assertThat(get("h", "/a")).isNotEqualTo(get("h", "/%61"));
        assertThat(get("h", "/a/./b")).isNotEqualTo(get("h", "/a/b"));
        assertThat(get("h", "/")).isNotEqualTo(CacheKey.of("GET", "https", "h", "/"));
        assertThat(get("h", "/a").hashCode())
                .as("no proof, but what the hash is for")
                .isNotEqualTo(get("h", "/b").hashCode());
    }

    @Test
    void keysWhoseHashesCollideStayApart() {
        assertThat("Aa").as("two strings of one hash").hasSameHashCodeAs("BB");
        assertThat(get("h", "/Aa")).hasSameHashCodeAs(get("h", "/BB")).isNotEqualTo(get("h", "/BB"));
        assertThat(get("h", "/").withVariant("Aa"))
                .hasSameHashCodeAs(get("h", "/").withVariant("BB"))
                .isNotEqualTo(get("h", "/").withVariant("BB"));
        assertThat(get("Aa@h", "/")).hasSameHashCodeAs(get("BB@h", "/")).isNotEqualTo(get("BB@h", "/"));
        assertThat(CacheKey.of("Aa", "http", "h", "/"))
                .hasSameHashCodeAs(CacheKey.of("BB", "http", "h", "/"))
                .isNotEqualTo(CacheKey.of("BB", "http", "h", "/"));
    }

    @Test
    void aVariantIsAKeyOfItsOwn() {
        CacheKey primary = get("h", "/");
        CacheKey variant = primary.withVariant("accept=1:a;");
        assertThat(variant).isNotEqualTo(primary).isEqualTo(primary.withVariant("accept=1:a;"));
        assertThat(variant).hasSameHashCodeAs(primary.withVariant("accept=1:a;"));
        assertThat(variant.primary()).isEqualTo(primary).hasSameHashCodeAs(primary);
        assertThat(primary.primary()).isSameAs(primary);
        assertThat(variant.variant()).isEqualTo("accept=1:a;");
        assertThat(variant).hasToString("GET http://h/ [accept=1:a;]");
        assertThat(variant.heapBytes()).isGreaterThan(primary.heapBytes());
    }

    /** Over canonical parts, of(…) changes nothing, and so equal keys must have equal parts. */
    @Property(tries = 5000)
    void keysAreEqualExactlyWhereTheirPartsAre(@ForAll("parts") String[] a, @ForAll("parts") String[] b) {
        CacheKey first = key(a);
        CacheKey second = key(b);
        assertThat(first.equals(second)).isEqualTo(Arrays.equals(a, b));
        assertThat(key(a)).isEqualTo(first).hasSameHashCodeAs(first);
    }

    @Property(tries = 3000)
    void aKeyWithAnotherTargetIsTheOneThatWasReadWithIt(
            @ForAll("texts") String authority, @ForAll("texts") String target) {
        CacheKey sameHost = CacheKey.of("GET", "http", authority, "/");
        assertThat(sameHost.withTarget("/" + target)).isEqualTo(get(authority, "/" + target));
    }

    @Test
    void aTargetOfAnotherFormIsRefusedWhereTheHostIsKnown() {
        CacheKey key = get("example.test", "/");
        assertThatIllegalArgumentException().isThrownBy(() -> key.withTarget("http://other.test/"));
        assertThatIllegalArgumentException().isThrownBy(() -> key.withTarget(""));
    }

    @Property(tries = 3000)
    void anyStringsMakeAKeyThatIsStable(
            @ForAll String method,
            @ForAll String scheme,
            @ForAll("texts") String authority,
            @ForAll("texts") String target) {
        CacheKey key = CacheKey.of(method, scheme, authority, target);
        assertThat(key.target()).isNotEmpty();
        if (target.startsWith("/")) {
            assertThat(key.target()).isEqualTo(target);
            assertThat(CacheKey.of(method, key.scheme(), key.authority(), key.target())
                            .target())
                    .isEqualTo(target);
        }
    }

    private static CacheKey key(String[] parts) {
        return CacheKey.of(parts[0], parts[1], parts[2], parts[3]).withVariant(parts[4]);
    }

    @Provide
    Arbitrary<String[]> parts() {
        Arbitrary<String> path =
                Arbitraries.strings().withChars("a/?").ofMaxLength(2).map(s -> "/" + s);
        return Combinators.combine(
                        Arbitraries.of("GET", "POST"),
                        Arbitraries.of("http", "https"),
                        Arbitraries.of("h", "h:81", "ha"),
                        path,
                        Arbitraries.of("", "a;", "a=1:x;"))
                .as((m, s, h, p, v) -> new String[] {m, s, h, p, v});
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars("hH:/?#@[]80.").ofMaxLength(12), Arbitraries.strings());
    }
}
