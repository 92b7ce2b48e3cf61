package dev.lastref.http.cli;

import dev.lastref.http.Sidecar;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Setting;
import io.undertow.Undertow;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code lastref train}: starts a sidecar before an origin of its own, on loopback, asks it for what a first minute brings, and ends.
 * Whoever runs it with {@code -XX:ArchiveClassesAtExit} gets an archive of the classes that serving needs, from which the next start
 * is about twice as fast (class data sharing).
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
    private static final int[] LENGTHS = {100, 100_000};

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
            try (Sidecar sidecar = Sidecar.start(ConfigLoader.read(new ConfigSources(
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
                            "16MiB"))))) {
                for (int length : LENGTHS) {
                    get(sidecar.address(), "/" + length); // a miss
                    get(sidecar.address(), "/" + length); // a hit
                }
                for (String path : new String[] {"/metrics", "/health/ready", "/api/pool"}) {
                    get(sidecar.adminAddress(), path);
                }
            }
        } finally {
            origin.stop();
        }
        return 0;
    }

    private static void get(InetSocketAddress server, String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + server.getPort() + path)
                .toURL()
                .openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (InputStream body = connection.getInputStream()) { // throws if the status is not one of success
            body.readAllBytes();
        }
    }
}
