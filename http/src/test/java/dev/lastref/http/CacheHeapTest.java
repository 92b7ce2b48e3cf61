package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import org.junit.jupiter.api.Test;

/** More small responses than the heap may have the heads of. */
class CacheHeapTest extends SidecarTest {
    private static final long LIMIT = 1 << 20;
    private static final int URLS = 6000;

    @Test
    void theLeastUsedGoAndEverybodyIsAnswered() throws Exception {
        start("cache.heap=1MiB");
        byte[] content = Content.of(31, 300);
        Script answer = ok("max-age=600", content);
        origin.on("/asked-for", answer);
        for (int i = 0; i < URLS; i++) {
            origin.on("/" + i, answer);
        }
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < URLS; i++) {
                assertThat(client.request("GET", "/" + i).response().body()).isEqualTo(content);
                if (i % 50 == 0) {
                    assertThat(client.request("GET", "/asked-for").response().body())
                            .isEqualTo(content);
                }
            }
            assertThat(client.request("GET", "/asked-for").response().isHit()).isTrue();
        }
        assertThat(sidecar.metric("lastref_cache_heap_limit_bytes")).isEqualTo(LIMIT);
        await().until(() -> sidecar.metric("lastref_cache_heap_bytes") <= LIMIT);
        assertThat(sidecar.metric("lastref_cache_heap_bytes")).isGreaterThan(LIMIT / 2);
        assertThat(sidecar.metric("lastref_cache_entries")).isBetween(LIMIT / 1000.0, LIMIT / 300.0);
        double evicted = sidecar.metric("lastref_cache_heap_evicted_entries_total");
        assertThat(evicted).isPositive();
        assertThat(sidecar.metric("lastref_cache_entries")
                        + evicted
                        + sidecar.metric("lastref_pool_bypass_total{reason=\"heap\",}"))
                .as("what was stored, what is stored no more, and what came while too much was there")
                .isGreaterThan(URLS);
        assertThat(sidecar.metric("lastref_pool_evicted_bytes_total")).isPositive();
    }
}
