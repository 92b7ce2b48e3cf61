package dev.lastref.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.PathRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PurgeTest {
    private static final CacheKey KEY = CacheKey.of("GET", "http", "a.test:8080", "/b/c?d");

    @ParameterizedTest
    @CsvSource({
        "http://a.test:8080/b/c?d, true",
        "HTTP://A.Test:8080/b/c?d, true",
        "http://a.test:8080/b/c?d#e, true",
        "/b/c?d, true",
        "/b/c?d#e, true",
        "http://a.test:8080/b/c, false",
        "http://a.test/b/c?d, false",
        "https://a.test:8080/b/c?d, false",
        "/b/c, false",
    })
    void aUrlMeansOneTarget(String url, boolean meant) {
        assertThat(Purge.url(url, false).means(KEY, FieldList.EMPTY)).isEqualTo(meant);
        assertThat(Purge.url(url, false).means(KEY.withVariant("x"), FieldList.EMPTY))
                .isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.test:8080, true",
        "http://a.test:8080/, true",
        "http://a.test:8080/b/c, true",
        "/b, true",
        "/, true",
        "http://a.test:808, false",
        "http://a.test, false",
        "/c, false",
    })
    void aPrefixMeansWhatBeginsWithIt(String prefix, boolean meant) {
        assertThat(Purge.prefix(prefix, false).means(KEY, FieldList.EMPTY)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"a.test, true", "A.Test:8080, true", "a.test:80, false", "test, false", "b.test, false"})
    void aHostIsNamedWithOrWithoutItsPort(String host, boolean meant) {
        assertThat(Purge.host(host, false).means(KEY, FieldList.EMPTY)).isEqualTo(meant);
    }

    @Test
    void rfc9875_2_aGroupIsOfItsOrigin() {
        FieldList grouped = FieldList.of("Cache-Groups", "\"g\"");
        CacheKey elsewhere = CacheKey.of("GET", "http", "b.test", "/");
        assertThat(Purge.group(KEY, "g").means(KEY, grouped)).isTrue();
        assertThat(Purge.group(elsewhere, "g").means(KEY, grouped)).isFalse();
        assertThat(Purge.group(KEY, "h").means(KEY, grouped)).isFalse();
        assertThat(Purge.tag("g", false).means(KEY, grouped)).isTrue();
        assertThat(Purge.group(KEY, "g").means(KEY, FieldList.of("Cache-Tag", "g")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.test/b", "ftp://a.test/", "http:///b", "//a.test/b", "http://"})
    void whatIsNoUrlIsSaid(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Purge.url(url, false))
                .withMessageContaining("\"" + url + "\"")
                .withMessageContaining("expected");
    }

    /** No target has it, so nothing could ever be found. */
    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/a%", "/a%2", "/a?b=100%", "http://a.test/%4", "/a%2g", "/%%41"})
    void whatIsNoPercentEncodingIsSaid(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Purge.url(url, false))
                .withMessageContaining("\"" + url + "\"")
                .withMessageContaining("percent-encoding");
    }

    @Test
    void aPrefixMayEndWithinAPercentEncoding() {
        CacheKey encoded = CacheKey.of("GET", "http", "a.test", "/b%20c");
        for (String prefix : new String[] {"/b%", "/b%2", "/b%20", "/b%20c#d", "http://a.test/b%2"}) {
            assertThat(Purge.prefix(prefix, false).means(encoded, FieldList.EMPTY))
                    .as(prefix)
                    .isTrue();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Purge.prefix("/b%zz", false));
        assertThatIllegalArgumentException().isThrownBy(() -> Purge.prefix("/b%2/", false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a:99999", "a:x", "a:", ":80", "a:80:90", "::1", "[::1", "[::1]x", "a/b", "a b", "", "a:-1"})
    void whatIsNoHostIsSaid(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Purge.host(host, false))
                .withMessageContaining("\"" + host + "\"")
                .withMessageContaining("expected");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "A.Test ",
                "a-b_c.test:65535",
                "[::1]",
                "[::1]:8080",
                "[::FFFF:1.2.3.4]",
                "127.0.0.1:0",
                "xn--e1afmkfd.test"
            })
    void hostsAreTaken(String host) {
        assertThat(Purge.host(host, false).name()).isEqualTo(host.strip().toLowerCase(java.util.Locale.ROOT));
    }

    /** Behind a blank a key says what else of the request chose the response: it is the same URL. */
    @Test
    void aUrlMeansWhatIsStoredForItByForwardedFieldsToo() {
        Purge purge = Purge.url("http://a.test/b?c", false);
        for (String keyed : new String[] {"/b?c", "/b?c x-original-url: /d", "/b?c forwarded: host=e"}) {
            assertThat(purge.means(CacheKey.of("GET", "http", "a.test", keyed), FieldList.EMPTY))
                    .as(keyed)
                    .isTrue();
        }
        assertThat(purge.means(CacheKey.of("GET", "http", "a.test", "/b?cd"), FieldList.EMPTY))
                .isFalse();
    }

    @Test
    void theLogKnowsWhoBeganBefore() {
        PurgeLog log = new PurgeLog(PathRules.NONE);
        long before = log.now();
        log.add(Purge.url("http://a.test:8080/b/c?d", false));
        long after = log.now();
        assertThat(log.hasMeant(KEY, FieldList.EMPTY, before)).isTrue();
        assertThat(log.hasMeant(KEY, FieldList.EMPTY, after)).isFalse();
        assertThat(log.hasMeant(CacheKey.of("GET", "http", "a.test", "/x"), FieldList.EMPTY, before))
                .isFalse();
    }

    @Test
    void whoBeganBeforeTheLogsOldestPurgeCountsAsMeant() {
        PurgeLog log = new PurgeLog(PathRules.NONE);
        long before = log.now();
        log.add(Purge.tag("other", false));
        assertThat(log.hasMeant(KEY, FieldList.EMPTY, before)).isFalse();
        for (int i = 0; i < 1000; i++) {
            log.add(Purge.tag("other", false));
        }
        assertThat(log.hasMeant(KEY, FieldList.EMPTY, before)).isTrue();
        assertThat(log.hasMeant(KEY, FieldList.EMPTY, log.now() - 1)).isFalse();
    }
}
