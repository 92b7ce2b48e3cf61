package dev.lastref.bench.scale;

import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code ./lastref serve}, as a user starts it, with its ports. Whoever starts it closes it. */
final class Sidecar implements AutoCloseable {
    private static final String ROOT_VARIABLE = "BENCH_ROOT";

    private final Server server;
    private final int port;

    private Sidecar(Server server, int port) {
        this.server = server;
        this.port = port;
    }

    /** @param more options for its command line */
    static Sidecar start(Origin origin, Path folder, List<String> more) throws IOException, InterruptedException {
        String root = System.getenv(ROOT_VARIABLE);
        if (root == null) {
            throw new IllegalStateException("start it by the script in bench/, which says where ./lastref is");
        }
        int port = Server.freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(root, "lastref").toString(),
                "serve",
                "--origin",
                "http://127.0.0.1:" + origin.port(),
                "--listen",
                "127.0.0.1:" + port,
                "--admin",
                "127.0.0.1:" + Server.freePort()));
        command.addAll(more);
        return new Sidecar(Server.start("lastref", command, port, folder), port);
    }

    Server server() {
        return server;
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        server.close();
    }
}
