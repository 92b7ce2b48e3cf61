package dev.lastref.http;

import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A scripted origin, and a sidecar in front of it once a test has said with which settings. */
abstract class SidecarTest {
    final ScriptedOrigin origin = ScriptedOrigin.start();
    TestSidecar sidecar;

    /** The JDK, Undertow and JNA keep a few descriptors from their first use on. */
    @BeforeAll
    static void warmUp() throws IOException {
        try (ScriptedOrigin once = ScriptedOrigin.start();
                TestSidecar first = TestSidecar.before(once)) {
            first.get("/");
            first.admin("/metrics");
        }
    }

    TestSidecar start(String... settings) {
        sidecar = TestSidecar.before(origin, settings);
        return sidecar;
    }

    @AfterEach
    void stop() {
        if (sidecar != null) {
            sidecar.close();
        }
        origin.close();
    }
}
