package dev.lastref.bench.compare;

import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.TlsIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** Asks a peer as a case does, one request at a time, to see whether it answers so before it is measured. */
final class Probe {
    private final HttpClient http;

    /** @param identity of the servers that speak TLS, if any */
    Probe(Optional<TlsIdentity> identity) throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
        if (identity.isPresent()) {
            builder.sslContext(identity.get().clients()).sslParameters(TlsIdentity.parameters());
        }
        this.http = builder.build();
    }

    /** @param etag if it is not empty, the conditions of the case are sent too */
    HttpResponse<byte[]> get(Server server, Case asked, String etag) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(asked.url(server)))
                .version(asked.scenario().version())
                .timeout(Duration.ofSeconds(30));
        if (!etag.isEmpty() && asked.scenario() == Scenario.NOT_MODIFIED) {
            request.header("If-None-Match", etag);
        }
        if (!etag.isEmpty() && asked.scenario() == Scenario.RANGES) {
            request.header("Range", asked.range());
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** In which way a response is not as its case needs it: "it ...". */
    static Optional<String> wrong(Case asked, HttpResponse<byte[]> answer) {
        Scenario scenario = asked.scenario();
        if (answer.statusCode() != scenario.status() || answer.body().length != asked.contentLength()) {
            return Optional.of("it answers " + answer.statusCode() + " with " + answer.body().length
                    + " bytes instead of " + scenario.status() + " with " + asked.contentLength());
        }
        if (answer.version() != scenario.version()) {
            return Optional.of("it answers by " + answer.version() + " instead of " + scenario.version());
        }
        String agreed = answer.sslSession().map(Probe::agreed).orElse("no TLS");
        String expected = scenario.isSecure() ? TlsIdentity.PROTOCOL + " with " + TlsIdentity.CIPHER : "no TLS";
        return agreed.equals(expected)
                ? Optional.empty()
                : Optional.of("it agreed on " + agreed + " instead of " + expected);
    }

    private static String agreed(SSLSession session) {
        return session.getProtocol() + " with " + session.getCipherSuite();
    }
}
