package dev.lastref.pool.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * HAProxy in front of a port of this machine. It passes bytes on with splice(2), so that its pipes hold the pages that we sent: always,
 * since it is told to, beside {@code splice-auto}, which waits for a stream that it finds fast. Closing ends it.
 */
public final class HaProxy implements AutoCloseable {
    private static final int ATTEMPTS = 5;

    private final Process process;
    private final Path control;
    private final InetSocketAddress address;

    private HaProxy(Process process, Path control, InetSocketAddress address) {
        this.process = process;
        this.control = control;
        this.address = address;
    }

    /**
     * Starts one, or skips the test where there is none.
     *
     * @param mode {@code tcp} or {@code http}
     * @param directory for its files; the path must be short enough for a Unix socket
     */
    public static HaProxy inFrontOf(int port, String mode, Path directory) throws IOException {
        Requires.command("haproxy");
        for (int attempt = 1; ; attempt++) { // somebody else may take the port meanwhile
            HaProxy started = start(port, mode, directory);
            try {
                Awaitility.await()
                        .pollInterval(20, TimeUnit.MILLISECONDS)
                        .until(() -> started.listens() || !started.process.isAlive());
            } catch (RuntimeException e) {
                started.close();
                throw e;
            }
            if (started.process.isAlive()) {
                return started;
            }
            started.close();
            if (attempt == ATTEMPTS) {
                throw new IOException("haproxy ends at once:\n" + Files.readString(directory.resolve("haproxy.log")));
            }
        }
    }

    private static HaProxy start(int port, String mode, Path directory) throws IOException {
        int front;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            front = free.getLocalPort();
        }
        Path control = directory.resolve("haproxy.sock");
        Path config = directory.resolve("haproxy.cfg");
        Files.writeString(config, """
                global
                  maxconn 256
                  stats socket %1$s mode 600 level admin
                defaults
                  mode %2$s
                  option splice-auto
                  option splice-response
                  timeout connect 10s
                  timeout client 120s
                  timeout server 120s
                frontend clients
                  bind 127.0.0.1:%3$d
                  default_backend sidecar
                backend sidecar
                  server one 127.0.0.1:%4$d
                """.formatted(control, mode, front, port));
        Process process = new ProcessBuilder("haproxy", "-db", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile())
                .start();
        return new HaProxy(process, control, new InetSocketAddress(InetAddress.getLoopbackAddress(), front));
    }

    private boolean listens() {
        try {
            return info("Uptime_sec") >= 0;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Where clients connect. */
    public InetSocketAddress address() {
        return address;
    }

    /** Pipes that hold what was spliced and not passed on yet. */
    public int pipesUsed() throws IOException {
        return info("PipesUsed");
    }

    private int info(String name) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(control));
            channel.write(StandardCharsets.US_ASCII.encode("show info\n"));
            ByteBuffer said = ByteBuffer.allocate(64 * 1024);
            while (said.hasRemaining() && channel.read(said) >= 0) {
                // until it closes
            }
            String info = StandardCharsets.US_ASCII.decode(said.flip()).toString();
            return List.of(info.split("\n")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .map(line ->
                            Integer.parseInt(line.substring(name.length() + 1).strip()))
                    .findFirst()
                    .orElseThrow(() -> new IOException("haproxy does not say " + name + " but:\n" + info));
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
