package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearKeysTest {
    @ParameterizedTest
    @CsvSource({
        "lastref.pool.szie, lastref.pool.size",
        "lastref.poolSize, lastref.pool.size",
        "lastref.pool_size, lastref.pool.size",
        "LASTREF_POOL_SIZE, lastref.pool.size",
        "pool.size, lastref.pool.size",
        "lastref.origins, lastref.origin",
        "lastref.tls.certificates, lastref.tls.certificate",
        "lastref.cache.defualt-ttl, lastref.cache.default-ttl",
        "lastref.limits.max-connections, lastref.limits.connections",
        // which have words more, or fewer
        "lastref.pool.max-size, lastref.pool.size",
        "lastref.origin.url, lastref.origin",
        "lastref.listen.port, lastref.listen",
        "lastref.access-log.file, lastref.access-log",
        "lastref.http2, lastref.listen.http2",
        "lastref.unsent-limit, lastref.transmit.unsent-limit",
        "lastref.grace, lastref.shutdown.grace",
        "lastref.limits.requests-per-second, lastref.limits.requests-per-second-per-peer",
        "lastref.tls.cert, lastref.tls.certificate",
        // which stand elsewhere
        "lastref.log.format, lastref.access-log.format",
        "lastref.cache.size, lastref.pool.size lastref.pool.segment-size",
        "lastref.cache.ttl, lastref.cache.default-ttl lastref.cache.negative-ttl",
        // of rules
        "lastref.rule.api.ttl, lastref.rules.api.ttl",
        "lastref.rules.api.tll, lastref.rules.api.ttl",
        "lastref.rules.api.sort, lastref.rules.api.query.sort",
        "lastref.rules.api, lastref.rules.api.path",
        "lastref.rules.a/b.path, lastref.rules.a-b.path",
        "lastref.rules.-.path, lastref.rules.NAME.path",
        "lastref.rules.ttl, lastref.rules.NAME.ttl",
    })
    void whatWasProbablyMeantIsNamed(String given, String near) {
        assertThat(Rules.near(given)).containsExactly(near.split(" "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lastref",
                "lastref.",
                "lastref.x",
                "foo",
                "banana.split",
                "lastref.foo.bar",
                "lastref.hello",
                "lastref.port",
                "lastref.host",
                "lastref.workers",
                "lastref.threads",
                "lastref.enabled",
                "lastref.password",
                "lastref.keep-alive",
                "lastref.server.port",
                "lastref.cache",
                "lastref.timeout",
                "lastref.origin.health.foo",
                "lastref.xyzzy.plugh.frotz",
                "lastref.rules.api.expires",
                "lastref.rules.api.banana",
            })
    void whereItWouldBeAGuessNoneIs(String given) {
        assertThat(Rules.near(given)).isEmpty();
    }

    @Test
    void variablesAreNamedAsSuch() {
        assertThat(Setting.nearVariables("LASTREF_POOL_SZIE")).isEqualTo(List.of("LASTREF_POOL_SIZE"));
        assertThat(Setting.nearVariables("LASTREF_MAX_OBJECT")).isEqualTo(List.of("LASTREF_CACHE_MAX_OBJECT"));
        assertThat(Setting.nearVariables("LASTREF_BANANA")).isEmpty();
    }
}
