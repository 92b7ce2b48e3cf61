package dev.lastref.http;

import dev.lastref.http.testing.TestSidecar;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The same through TLS. */
class EarlyHitOverTlsTest extends EarlyHitTest {
    private static OverTls tls;

    @BeforeAll
    static void certify(@TempDir Path directory) throws Exception {
        tls = new OverTls(directory);
    }

    @Override
    TestSidecar start(String... settings) {
        return tls.start(super::start, settings);
    }
}
