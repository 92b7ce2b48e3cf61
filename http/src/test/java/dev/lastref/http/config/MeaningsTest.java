package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MeaningsTest {
    private final Meanings meanings = ConfigLoader.read(
                    new ConfigSources(null, Map.of(), Map.of("lastref.origin", "http://127.0.0.1:1")))
            .meanings();

    @ParameterizedTest
    @CsvSource({
        "lastref.pool.size, 48MiB, 49152KiB, true",
        "lastref.pool.size, 48MiB, 48MB, true",
        "lastref.pool.size, 48MiB, 49MiB, false",
        "lastref.pool.size, 48MiB, much, false",
        "lastref.pool.size, much, much, true",
        "lastref.pool.segment-size, auto, auto, true",
        "lastref.pool.segment-size, auto, 1MiB, false",
        "lastref.memory.limit, none, 9223372036854775807, false",
        "lastref.cache.keep, 60s, 1m, true",
        "lastref.cache.keep, 0, 0ms, true",
        "lastref.cache.keep, 60s, 2m, false",
        "lastref.listen, :80, [::]:80, true",
        "lastref.listen, :80, 0.0.0.0:80, false",
        "lastref.listen, :80, 127.0.0.1:80, false",
        "lastref.listen.http2, true, TRUE, true",
        "lastref.ready.origin, once, Once, true",
        "lastref.trusted-proxies, '::1,10.0.0.0/8', '0:0::1, 10.0.0.0/8', true",
        "lastref.trusted-proxies, none, '::1', false",
        "lastref.cache.accept-encoding, 'br,gzip', 'BR, gzip', true",
        "lastref.cache.accept-encoding, 'br,gzip', 'gzip,br', false",
        "lastref.origin, 'http://a:1,http://b:1', 'http://a:1 , http://b:1', true",
        "lastref.origin, http://a, http://a/, true",
        "lastref.origin, http://a, http://A:80, true",
        "lastref.origin, https://a:443/, https://a, true",
        "lastref.origin, http://a, http://a:443, false",
        "lastref.origin, http://a, https://a, false",
        "lastref.origin, 'http://[::1]:80', 'http://[::1]', true",
        "lastref.trusted-proxies, '127.0.0.0/8,::1', '::1,127.0.0.0/8', true",
        "lastref.trusted-proxies, '127.0.0.0/8,::1', '127.0.0.1/8,::1/128,::1', true",
        "lastref.trusted-proxies, '127.0.0.0/8', '127.0.0.0/9', false",
        "lastref.trusted-proxies, '10.1.2.3/23', '10.1.3.0/23', true",
        "lastref.trusted-proxies, '10.1.2.3/23', '10.1.4.0/23', false",
        "lastref.tls.key, '/a,/b', '/a, /b', true",
        "lastref.rules.x.ttl, 60s, 1m, true",
        "lastref.rules.x.ttl, 60s, 61s, false",
        "lastref.rules.x.ttl, 60s, '', false",
        "lastref.rules.x.path, '/a,/b', '/a, /b', true",
        "lastref.rules.x.path, '/a,/b', '/b,/a', false",
        "lastref.rules.x.pass, true, True, true",
        "lastref.rules.x.priority, 7, 007, true",
        "lastref.rules.x.query.only, none, None, false",
        "lastref.unknown, a, b, false",
        "lastref.unknown, a, a, true",
    })
    void textsAreAlikeThatMeanTheSame(String key, String one, String other, boolean alike) {
        assertThat(meanings.areAlike(key, one, other)).isEqualTo(alike);
        assertThat(meanings.areAlike(key, other, one)).isEqualTo(alike);
    }

    /** What is compared must be equal where it was read twice. */
    @ParameterizedTest
    @EnumSource
    void whatEachSettingIsReadAsIsEqualIfItIsReadTwice(Setting setting) {
        String value = setting.byDefault().isEmpty() ? "http://127.0.0.1:1" : setting.byDefault();
        assertThat(meanings.parsed(setting.key(), value)).isEqualTo(meanings.parsed(setting.key(), value));
    }

    @Test
    void anEmptyTextIsNoValue() {
        assertThat(meanings.areAlike("lastref.origin", "", "http://127.0.0.1:1"))
                .isFalse();
    }
}
