package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathRulesTest {
    private static PathRule rule(String name, int priority, String hosts, String paths) {
        return new PathRule(
                name,
                priority,
                hosts.isEmpty() ? List.of() : List.of(hosts.split(",")),
                List.of(paths.split(",")),
                name.startsWith("pass"),
                StorageRules.defaults(),
                QueryChoice.ALL,
                List.of(),
                List.of());
    }

    private static String nameOf(PathRules rules, String authority, String target) {
        PathRule rule = rules.of(authority, target);
        return rule == null ? "none" : rule.name();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/*, /api/a/b, true",
        "/api/*, /api/, true",
        "/api/*, /api, false",
        "/api/*, /API/a, false",
        "/api*, /apis, true",
        "*.png, /a/b.png, true",
        "*.png, /a/b.png?x=1, true",
        "*.png, /a?b=c.png, false",
        "/a/*/c, /a/b/b/c, true",
        "/a/*/c, /a/c, false",
        "/a*a*b, /aaab, true",
        "/a*a*b, /aabc, false",
        "*, /, true",
        "*, *, true",
        "/, /, true",
        "/, /a, false",
        "/a.b, /aXb, false",
        "/a+(b), /a+(b), true",
        "/ä, /%C3%A4, true",
        "/a%20b, /a%20b, true",
    })
    void aPatternIsForThePathAlone(String pattern, String target, boolean matched) {
        PathRules rules = new PathRules(List.of(rule("r", 0, "", pattern)));
        assertThat(nameOf(rules, "h", target)).isEqualTo(matched ? "r" : "none");
    }

    /** The documented order, one criterion after the other. */
    @ParameterizedTest
    @CsvSource({
        "h, /api/x.png, longer",
        "h, /img/x.png, png",
        "h, /other, all",
        "h, /api/exact, exact",
        "www.test, /api/exact, host",
        "www.test:8080, /other, host",
        "h, /urgent/api/exact, urgent",
        "h, /tie, a-tie",
    })
    void ofSeveralRulesTheOneThatSaysMostIsChosen(String authority, String target, String name) {
        PathRules rules = new PathRules(List.of(
                rule("all", 0, "", "*"),
                rule("z-tie", 0, "", "/tie"),
                rule("a-tie", 0, "", "/tie"),
                rule("png", 0, "", "*.png"),
                rule("longer", 0, "", "/api/*"),
                rule("wild", 0, "", "/api/exact*"),
                rule("exact", 0, "", "/api/exact"),
                rule("urgent", 1, "", "/urgent*"),
                rule("host", 0, "*.TEST", "*")));
        assertThat(nameOf(rules, authority, target)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "www.example.com, www.example.com, true",
        "www.example.com, WWW.Example.com, true",
        "www.example.com, www.example.com:81, true",
        "www.example.com, xwww.example.com, false",
        "*.example.com, a.b.example.com, true",
        "*.example.com, example.com, false",
        "*.example.com, .example.com, true",
        "*.example.com, badexample.com, false",
        "[::1], [::1]:80, true",
        "[::1], [::1], true",
        "a.test, [::1], false",
    })
    void aRuleMayBeForHosts(String host, String authority, boolean matched) {
        PathRules rules = new PathRules(List.of(rule("r", 0, host, "*")));
        assertThat(nameOf(rules, authority, "/")).isEqualTo(matched ? "r" : "none");
    }

    /** What one origin takes for static content may be an account to another: then nothing is relaxed, and what passes does pass. */
    @ParameterizedTest
    @CsvSource({
        "/static/a.css, static",
        "/static/%61.css, static",
        "/static//a.css, static",
        "/static/./a.css, static",
        "/static/b/../a.css, static",
        "/static/..%2faccount, none",
        "/static/../account, none",
        "/static%2f..%2faccount, none",
        "/static/%2e%2e/account, none",
        "/account/..%2fstatic/a.css, none",
        "/account;/static/, none",
        "/account/..;/static/a.css, none",
        "/static/..\\account, none",
        "/%61dmin/x, pass-admin",
        "/admin%2fx, pass-admin",
        "//admin/x, pass-admin",
        "/./admin/x, pass-admin",
        "/static/../admin/x, pass-admin",
        "/admin/../static/x, pass-admin",
        "/static/..%2fadmin/x, pass-admin",
        "/static;a/x, none",
        "/static/x;a, static",
        "/%zz, none",
        "/%, none",
        "/..%2f..%2f.., none",
    })
    void aPathThatCanBeReadInTwoWaysHasARuleOnlyIfBothLeadToIt(String target, String name) {
        PathRules rules =
                new PathRules(List.of(rule("static", 0, "", "/static/*"), rule("pass-admin", 0, "", "/admin/*")));
        assertThat(nameOf(rules, "h", target)).isEqualTo(name);
    }

    @Property
    void aGlobIsTheRegularExpressionThatItStandsFor(
            @ForAll @Chars({'a', 'b', '/', '*'}) @StringLength(max = 12) String pattern,
            @ForAll @Chars({'a', 'b', '/'}) @StringLength(max = 20) String text) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertThat(new Glob(pattern).matches(text)).isEqualTo(text.matches(regex));
        assertThat(new Glob(pattern).matches("x" + text + "y", 1, 1 + text.length()))
                .isEqualTo(text.matches(regex));
    }

    @Property
    void noPathMakesItThrow(@ForAll @CharRange(from = '!', to = 'ÿ') @StringLength(max = 40) String path) {
        PathRules rules = new PathRules(List.of(rule("r", 0, "a.test", "/a*%2f/b"), rule("pass", 0, "", "*/..")));
        rules.of(path, "/" + path);
        rules.of("a.test", path);
        rules.of("", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"api", "?a", "/a?b", "/a b", "/a#b", ""})
    void whatIsNoPatternIsRefused(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> rule("r", 0, "", path));
    }

    // ---- queries

    private static List<String> names(String text) {
        return text == null || text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        // only, without, sorted, target, left
        "-, 'utm_* fbclid', false, '/a?utm_source=x&id=1&fbclid=y', '/a?id=1'",
        "-, 'utm_*', false, '/a?utm_source=x', '/a'",
        "-, 'utm_*', false, '/a', '/a'",
        "-, 'utm_*', false, '/a?', '/a'",
        "-, 'utm_*', false, '/a?autm_=1&UTM_x=2', '/a?autm_=1&UTM_x=2'",
        "-, 'id', false, '/a?id&idx=1&id=', '/a?idx=1'",
        "'id page', '', false, '/a?x=1&page=2&id=3&page=1', '/a?page=2&id=3&page=1'",
        "'i*', 'id', false, '/a?id=1&ix=2&x=3', '/a?ix=2'",
        "'', '', false, '/a?x=1', '/a'",
        "-, '', true, '/a?b=2&a=2&b=1&a', '/a?a=2&a&b=2&b=1'",
        "-, '', true, '/a?b&&a', '/a?&a&b'",
        "-, '', true, '/a?b=x=y&a=?', '/a?a=?&b=x=y'",
    })
    void parametersThatDoNotCountAreLeftOut(String only, String without, boolean sorted, String target, String left) {
        QueryChoice choice = QueryChoice.of("-".equals(only) ? null : names(only), names(without), sorted);
        assertThat(choice.apply(target)).isEqualTo(left);
        assertThat(choice.apply(left)).as("done once, it is done").isEqualTo(left);
    }

    @Test
    void whatNothingIsSaidOfStaysAsItIs() {
        assertThat(QueryChoice.of(null, List.of(), false).isAll()).isTrue();
        for (String target : List.of("/a?", "/a??", "/a?b&&a=&", "*")) {
            assertThat(QueryChoice.ALL.apply(target)).isSameAs(target);
        }
    }

    @Test
    void aPurgeByUrlMeansWhatItsParametersAreStoredUnder() {
        PathRule rule = new PathRule(
                "r",
                0,
                List.of(),
                List.of("/a"),
                false,
                StorageRules.defaults(),
                QueryChoice.of(null, List.of("x"), false),
                List.of(),
                List.of());
        PathRules rules = new PathRules(List.of(rule));
        assertThat(rules.targetsOf("/a?x=1")).containsExactly("/a?x=1", "/a");
        assertThat(rules.targetsOf("/b?x=1")).containsExactly("/b?x=1");
        CacheKey key = CacheKey.of("GET", "http", "h", "/a?x=1&y=2 forwarded: 1:x");
        assertThat(rules.keyed(key).target()).isEqualTo("/a?y=2 forwarded: 1:x");
    }
}
