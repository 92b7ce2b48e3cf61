package dev.lastref.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server that runs until it is closed: a process with its descendants, and the port that it listens on. */
public final class Server implements AutoCloseable {
    private static final long STARTS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(90); // Lastref may be built first
    private static final long ENDS_WITHIN_SECONDS = 15;
    private static final int PAUSE_MILLIS = 5;

    private final String name;
    private final int port;
    private final Process process;
    private final Path log;

    private Server(String name, int port, Process process, Path log) {
        this.name = name;
        this.port = port;
        this.process = process;
        this.log = log;
    }

    /** A port that nobody listens on now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts it and waits until it takes connections.
     *
     * @param folder where its log goes
     * @throws IOException with the end of its log, if it does not come so far
     */
    public static Server start(String name, List<String> command, int port, Path folder)
            throws IOException, InterruptedException {
        return start(name, command, Map.of(), port, folder);
    }

    /** @param environment added to this process's own */
    public static Server start(
            String name, List<String> command, Map<String, String> environment, int port, Path folder)
            throws IOException, InterruptedException {
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Server server = new Server(name, port, process, log);
        try {
            server.awaitListening();
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void awaitListening() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (process.isAlive() && System.nanoTime() - begun < STARTS_WITHIN_NANOS) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException notYet) {
                Thread.sleep(PAUSE_MILLIS);
            }
        }
        throw new IOException(name + (process.isAlive() ? " does not listen" : " ended at once") + "; its log says:\n"
                + Files.readString(log).strip());
    }

    public String name() {
        return name;
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** Of a server that speaks TLS. */
    public String secureUrl(String path) {
        return "https://127.0.0.1:" + port + path;
    }

    public ProcessTree processes() {
        return new ProcessTree(process.toHandle());
    }

    /** Asks it to end, and its descendants with it; after a while no longer asks. */
    @Override
    public void close() {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroy();
        boolean interrupted = false;
        try {
            if (!process.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        descendants.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
