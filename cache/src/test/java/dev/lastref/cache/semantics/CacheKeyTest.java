package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Among so many there are about 18 pairs of one hash, whatever the secret is. */
    @Test
    void keysWhoseHashesCollideStayApart() {
        Map<Integer, CacheKey> byHash = new HashMap<>();
        int collisions = 0;
        for (int i = 0; i < 400_000; i++) {
            CacheKey key = switch (i % 4) {
                case 0 -> get("h", "/" + i);
                case 1 -> get("h", "/").withVariant("a=" + i);
                case 2 -> get("h" + i, "/");
                default -> CacheKey.of("X" + i, "http", "h", "/");
            };
            CacheKey other = byHash.put(key.hashCode(), key);
            if (other != null) {
                collisions++;
                assertThat(key).isNotEqualTo(other);
            }
        }
        assertThat(collisions).isPositive();
    }

    /** Texts that have one hash where it is computed as Strings do: the attacker's way to make one bin of a table of all he asks for. */
    @ParameterizedTest
    @ValueSource(strings = {"target", "host", "variant"})
    void whatClientsChooseToCollideIsSpread(String part) {
        int[] table = new int[1 << 16];
        int[] counters = new int[1024];
        int keys = 1 << 15;
        for (int choice = 0; choice < keys; choice++) {
            StringBuilder text = new StringBuilder("/");
            for (int bit = 0; bit < 15; bit++) {
                text.append((choice >> bit & 1) == 0 ? "Aa" : "BB");
            }
            CacheKey key = switch (part) {
                case "target" -> get("h", text.toString());
                // A host is in lower case in the key, and these collide there.
                case "host" -> get(text.substring(1).replace("Aa", "a~").replace("BB", "b_"), "/");
                default -> get("h", "/").withVariant(text.toString());
            };
            int hash = key.hashCode();
            table[(hash ^ hash >>> 16) & (table.length - 1)]++;
            counters[Math.floorMod(hash, counters.length)]++;
        }
        long comparisons = Arrays.stream(table).mapToLong(n -> n * (n - 1L) / 2).sum();
        assertThat(comparisons).as("to find each among those of its bin").isLessThan(keys);
        assertThat(Arrays.stream(counters).max().getAsInt())
                .as("of %d on average", keys / counters.length)
                .isLessThan(4 * keys / counters.length);
    }

    @Test
    void whatCollidesUnderOneSecretDoesNotUnderAnother() {
        SeededHash known = new SeededHash(0x243F6A8885A308D3L, 0x9E3779B97F4A7C15L);
        SeededHash secret = new SeededHash(0x13198A2E03707344L, 0xD1B54A32D192ED03L);
        Map<Integer, String> byHash = new HashMap<>();
        int collisions = 0;
        for (int i = 0; i < 400_000; i++) {
            String text = "/" + i;
            String other = byHash.put(SeededHash.toInt(known.add(known.start(), text)), text);
            if (other != null) {
                collisions++;
                assertThat(SeededHash.toInt(secret.add(secret.start(), text)))
                        .isNotEqualTo(SeededHash.toInt(secret.add(secret.start(), other)));
            }
        }
        assertThat(collisions).isPositive();
    }

    @Test
    void whereOnePartEndsAndTheNextBeginsCountsInTheHash() {
        SeededHash hash = new SeededHash(0x243F6A8885A308D3L, 0x9E3779B97F4A7C15L);
        assertThat(hash.add(hash.add(hash.start(), "/ab"), "c"))
                .isNotEqualTo(hash.add(hash.add(hash.start(), "/a"), "bc"));
        assertThat(hash.add(hash.start(), "")).isNotEqualTo(hash.add(hash.start(), "\0"));
        assertThat(hash.add(hash.start(), "abcd")).isNotEqualTo(hash.add(hash.add(hash.start(), "abcd"), ""));
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
