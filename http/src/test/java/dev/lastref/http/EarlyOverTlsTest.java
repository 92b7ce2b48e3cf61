package dev.lastref.http;

import dev.lastref.http.testing.TestSidecar;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** What is said of early answers, through TLS. */
class EarlyOverTlsTest {
    private static OverTls tls;

    @BeforeAll
    static void certify(@TempDir Path directory) throws Exception {
        tls = new OverTls(directory);
    }

    @Nested
    class Hit extends EarlyHitTest {
        @Override
        TestSidecar start(String... settings) {
            return tls.start(super::start, settings);
        }
    }

    @Nested
    class Connection extends EarlyConnectionTest {
        @Override
        TestSidecar start(String... settings) {
            return tls.start(super::start, settings);
        }
    }

    @Nested
    class Forwarded extends EarlyForwardedTest {
        @Override
        TestSidecar start(String... settings) {
            return tls.start(super::start, settings);
        }

        @Override
        String otherScheme() {
            return "http";
        }
    }
}
