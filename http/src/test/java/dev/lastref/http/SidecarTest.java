package dev.lastref.http;

import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** A scripted origin, and a sidecar in front of it once a test has said with which settings. */
abstract class SidecarTest {
    /** A field with which a request is not answered before the server has parsed it, and which says nothing about a GET. */
    static final String LONG_WAY = "Max-Forwards: 9";

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

    /** One that does not end fails its test, and does not hold up all that come after. */
    @AfterEach
    @Timeout(120)
    void stop() {
        if (sidecar != null) {
            sidecar.close();
        }
        origin.close();
    }
}
