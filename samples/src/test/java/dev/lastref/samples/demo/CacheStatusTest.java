package dev.lastref.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheStatusTest {

    @ParameterizedTest
    @CsvSource({
        "'lastref; hit; ttl=59', 'lastref; hit; ttl=59', true",
        "'lastref; fwd=uri-miss; stored', 'lastref; fwd=uri-miss; stored', false",
        "'lastref;hit', 'lastref;hit', true",
        "'inner; hit, lastref; fwd=stale; fwd-status=304', 'lastref; fwd=stale; fwd-status=304', false",
    })
    void readsTheNearestCache(String field, String text, boolean hit) {
        assertThat(CacheStatus.of(headers(Map.of("Cache-Status", List.of(field)))))
                .isEqualTo(new CacheStatus(text, hit));
    }

    @ParameterizedTest
    @CsvSource({
        "'lastref; fwd=stale; fwd-status=304; stored; ttl=0', 'fwd=stale; fwd-status=304; stored; ttl=0'",
        "'lastref;hit', 'hit'",
        "'lastref', 'lastref'",
    })
    void withoutTheCachesNameItSaysWhatBecameOfTheRequest(String field, String parameters) {
        assertThat(CacheStatus.of(headers(Map.of("Cache-Status", List.of(field))))
                        .parameters())
                .isEqualTo(parameters);
    }

    @Test
    void takesAbsenceForNoHit() {
        assertThat(CacheStatus.of(headers(Map.of()))).isEqualTo(new CacheStatus("none", false));
    }

    private static HttpHeaders headers(Map<String, List<String>> fields) {
        return HttpHeaders.of(fields, (name, value) -> true);
    }
}
