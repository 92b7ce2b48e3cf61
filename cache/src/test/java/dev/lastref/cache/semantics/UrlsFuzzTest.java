package dev.lastref.cache.semantics;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

/** Whatever a URL is, keys, rules by path, choices of parameters and references come to an end and throw nothing. */
class UrlsFuzzTest {
    private static final PathRules RULES = new PathRules(List.of(
            rule("static", false, "/static/*", "*.css"),
            rule("pass", true, "/admin/*"),
            rule("any", false, "/a*b*c*d*e")));

    private static PathRule rule(String name, boolean pass, String... paths) {
        return new PathRule(
                name,
                0,
                List.of(),
                List.of(paths),
                pass,
                StorageRules.defaults(),
                pass ? QueryChoice.ALL : QueryChoice.of(null, List.of("utm_*", "x"), true),
                List.of(),
                List.of());
    }

    @FuzzTest(maxDuration = "40s")
    void everythingThatReadsUrlsComesToAnEnd(byte[] text) {
        read(new String(text, ISO_8859_1));
    }

    @Property(tries = 2000)
    void alsoOfUrlsThatAreAlmostRight(
            @ForAll
                    @Chars({
                        '/', '.', '%', '2', 'f', 'e', ';', '\\', '?', '&', '=', 'x', 'a', ':', '#', '@', '[', ']', ' '
                    })
                    @StringLength(max = 60)
                    String text) {
        read(text);
    }

    private static void read(String text) {
        CacheKey key = CacheKey.of("GET", "http", "a.test", text);
        assertThat(CacheKey.of("GET", key.scheme(), key.authority(), key.target()))
                .isNotNull();
        CacheKey keyed = RULES.keyed(CacheKey.of("GET", "http", "a.test", "/" + text));
        assertThat(RULES.keyed(keyed)).as("done once, it is done").isEqualTo(keyed);
        RULES.of("a.test", text);
        RULES.targetsOf(text);
        CacheKey named = UriReference.resolve(CacheKey.of("GET", "http", "a.test", "/b/c?d"), text);
        assertThat(named == null || named.target().startsWith("/")).isTrue();
        assertThat(PathReading.resolved(text)).startsWith("/").doesNotContain("//", "/../", "/./");
    }
}
