package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.pool.testing.TmpfsMount;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** A sidecar whose pool is in a tmpfs directory. */
class DirectoryPoolTest extends SidecarTest {
    @Test
    void whatItServesIsInTheMountAndWithinIt() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 << 20)) {
            start(
                    "pool.backing=directory",
                    "pool.directory=" + mount.path().resolve("cache"),
                    "pool.pin-timeout=1s",
                    "pool.size=64MiB");
            assertThat(sidecar.poolBytes("free")).isEqualTo((8 << 20) - 4096);
            for (int i = 0; i < 100; i++) {
                origin.on("/" + i, ok("max-age=60", Content.of(i, 300_000)));
            }
            for (int i = 0; i < 300; i++) {
                // By copy, as it comes, and then, unless it had to go already, by reference.
                assertThat(sidecar.get("/" + i % 100).body()).isEqualTo(Content.of(i % 100, 300_000));
                assertThat(sidecar.get("/" + i % 100).body()).isEqualTo(Content.of(i % 100, 300_000));
            }
            assertThat(sidecar.get("/0").body()).isEqualTo(Content.of(0, 300_000));
            // What was sent comes back when its time is over, for there is no proof.
            await().until(() -> sidecar.metric("lastref_pool_reclaimed_bytes_total{by=\"timeout\",}") > 0);
            sidecar.close();
            try (var left = Files.list(mount.path().resolve("cache"))) {
                assertThat(left).isEmpty();
            }
        }
    }
}
