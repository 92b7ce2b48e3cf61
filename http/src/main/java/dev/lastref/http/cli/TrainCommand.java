package dev.lastref.http.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lastref.http.Sidecar;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Doubtful;
import dev.lastref.http.config.Setting;
import dev.lastref.pool.linux.NativeHeap;
import io.undertow.Undertow;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code lastref train}: starts a sidecar before an origin of its own, on loopback, as {@code serve} does, asks it for what a first
 * minute brings, and ends. Whoever runs it with {@code -XX:ArchiveClassesAtExit} gets an archive of the classes that serving needs, from
 * which the next start is about twice as fast (class data sharing).
 *
 * <p>The JVM keeps the whole archive in memory, used or not. So what only some ask for, the API and its JSON, is not asked for here, and
 * the origin and the client are made of classes that serving needs anyway.
 */
@Command(
        name = "train",
        description = "Serves a few requests to itself, so that the JVM can archive the classes.",
        mixinStandardHelpOptions = true,
        hidden = true)
final class TrainCommand implements Callable<Integer> {
    private static final String ANYWHERE = "127.0.0.1:0";
    private static final int TIMEOUT_MILLIS = 30_000;
    /** One that is copied, one that is sent from the file. */
    private static final int[] LENGTHS = {100, 200_000};

    private static final String SUCCESS = "HTTP/1.1 200 ";

    @Override
    public Integer call() throws IOException {
        Undertow origin = Undertow.builder()
                .setIoThreads(1)
                .setWorkerThreads(1)
                .addHttpListener(0, "127.0.0.1", exchange -> {
                    int length = Integer.parseInt(exchange.getRelativePath().substring(1));
                    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "max-age=60");
                    exchange.getResponseSender().send(ByteBuffer.allocate(length));
                })
                .build();
        origin.start();
        try {
            InetSocketAddress at =
                    (InetSocketAddress) origin.getListenerInfo().get(0).getAddress();
            Configuration config = ConfigLoader.read(new ConfigSources(
                    null,
                    Map.of(),
                    Map.of(
                            Setting.ORIGIN.key(),
                            "http://127.0.0.1:" + at.getPort(),
                            Setting.LISTEN.key(),
                            ANYWHERE,
                            Setting.ADMIN.key(),
                            ANYWHERE,
                            Setting.POOL_SIZE.key(),
                            "16MiB")));
            Doubtful.of(config); // nothing to tell: for its classes
            try (Sidecar sidecar = Sidecar.startProbed(config, StartUpProbe::run)) {
                HangUp.reloads(sidecar.settings());
                for (int length : LENGTHS) {
                    get(sidecar.address(), "/" + length); // a miss
                    get(sidecar.address(), "/" + length); // a hit
                }
                for (String path : new String[] {"/metrics", "/health/ready"}) {
                    get(sidecar.adminAddress(), path);
                }
                NativeHeap.trim();
            }
        } finally {
            origin.stop();
        }
        return 0;
    }

    private static void get(InetSocketAddress server, String path) throws IOException {
        String answer;
        try (SocketChannel channel = SocketChannel.open(server)) {
            Socket socket = channel.socket();
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(US_ASCII));
            answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
        if (!answer.startsWith(SUCCESS)) {
            throw new IOException("asked for " + path + ", the sidecar answers "
                    + answer.lines().findFirst().orElse("nothing"));
        }
    }
}
