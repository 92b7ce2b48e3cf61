package dev.lastref.bench.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What all caches ask: an nginx that serves files from tmpfs. {@code /KIND/BYTES/NAME} has that many bytes, whatever the name, so that
 * there are as many resources as anybody asks for.
 */
public final class Origin implements AutoCloseable {
    private static final Pattern REQUESTS = Pattern.compile("^ *[0-9]+ +[0-9]+ +([0-9]+) *$", Pattern.MULTILINE);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Server server;
    private final int port;

    private Origin(Server server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * @param folder on tmpfs; files of these sizes are put there
     */
    public static Origin start(Programs programs, Path folder, List<Long> sizes)
            throws IOException, InterruptedException {
        Path files = Files.createDirectories(folder.resolve("files"));
        for (long size : new TreeSet<>(sizes)) {
            byte[] bytes = new byte[Math.toIntExact(size)];
            new Random(size).nextBytes(bytes);
            Files.write(files.resolve(String.valueOf(size)), bytes);
        }
        int port = Server.freePort();
        Path config = Files.writeString(folder.resolve("origin.conf"), NginxConfiguration.origin(port, folder));
        Server server = Server.start(
                "origin",
                List.of(programs.path("nginx"), "-p", folder.toString(), "-c", config.toString()),
                port,
                folder);
        return new Origin(server, port);
    }

    public int port() {
        return port;
    }

    /** How many requests it has had, this one not counted. */
    public long requests() throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(server.url("/status")))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        own++;
        return requests(response.body()) - own;
    }

    private long own;

    public static long requests(String status) {
        Matcher matcher = REQUESTS.matcher(status);
        if (!matcher.find()) {
            throw new IllegalStateException("nginx's status is not as expected: " + status);
        }
        return Long.parseLong(matcher.group(1));
    }

    @Override
    public void close() {
        server.close();
    }
}
