package dev.lastref.bench.scale;

import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code ./lastref serve}, as a user starts it, with its ports. Whoever starts it closes it. */
final class Sidecar implements AutoCloseable {
    private static final String ROOT_VARIABLE = "BENCH_ROOT";

    private final Server server;
    private final int port;
    private final int adminPort;

    private Sidecar(Server server, int port, int adminPort) {
        this.server = server;
        this.port = port;
        this.adminPort = adminPort;
    }

    /**
     * @param javaOptions for its JVM, beside the launcher's; they win
     * @param more options for its command line
     */
    static Sidecar start(Origin origin, Path folder, String javaOptions, List<String> more)
            throws IOException, InterruptedException {
        String root = System.getenv(ROOT_VARIABLE);
        if (root == null) {
            throw new IllegalStateException("start it by the script in bench/, which says where ./lastref is");
        }
        int port = Server.freePort();
        int adminPort = Server.freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(root, "lastref").toString(),
                "serve",
                "--origin",
                "http://127.0.0.1:" + origin.port(),
                "--listen",
                "127.0.0.1:" + port,
                "--admin",
                "127.0.0.1:" + adminPort));
        command.addAll(more);
        Map<String, String> environment = Map.of("LASTREF_JAVA_OPTS", javaOptions);
        return new Sidecar(Server.start("lastref", command, environment, port, folder), port, adminPort);
    }

    Server server() {
        return server;
    }

    int port() {
        return port;
    }

    /** The sum of a metric's series whose line begins so. */
    double metric(String begin) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> lines = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + "/metrics"))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        return lines.body()
                .filter(line -> line.startsWith(begin))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** The process of the JVM: the launcher becomes it. */
    long pid() {
        return server.processes().root().pid();
    }

    @Override
    public void close() {
        server.close();
    }
}
