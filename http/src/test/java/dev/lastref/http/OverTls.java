package dev.lastref.http;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.TestSidecar;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Has the clients of tests that are written for TCP alone speak TLS. */
final class OverTls {
    private final String[] settings;
    private final SSLContext clients;

    /** @param directory for an authority of its own, and a certificate */
    OverTls(Path directory) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            settings = new String[] {
                "tls.certificate=" + certificates.chain("server"), "tls.key=" + certificates.key("server")
            };
            clients = certificates.clients();
        }
    }

    /**
     * @param start starts one with the settings that it is given
     * @param more the test's own
     */
    TestSidecar start(Function<String[], TestSidecar> start, String... more) {
        return start.apply(Stream.concat(Arrays.stream(settings), Arrays.stream(more))
                        .toArray(String[]::new))
                .askedBy(clients);
    }
}
