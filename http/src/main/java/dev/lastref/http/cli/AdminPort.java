package dev.lastref.http.cli;

import dev.lastref.http.config.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine;

/** A running sidecar's administration port, as commands speak to it. */
final class AdminPort {
    /** Where it is unless somebody says otherwise. */
    static final String USUAL = "127.0.0.1:9090";

    /** What the options that name it say. */
    static final String DESCRIPTION = "Where the sidecar's administration listens; ${DEFAULT-VALUE} unless given.";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String address;
    private final URI base;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    /**
     * @param address HOST:PORT, as the user gave it
     */
    AdminPort(String address, CommandLine command) {
        this.address = address;
        try {
            this.base = URI.create("http://" + address + "/");
            HttpRequest.newBuilder(base);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command, "--admin is \"" + address + "\": expected HOST:PORT");
        }
    }

    /** As the user gave it. */
    String address() {
        return address;
    }

    /** What is there; an IOException says that nobody answers, or what else was answered. */
    String get(String path) throws IOException, InterruptedException {
        return success(path, exchange(request(path).timeout(PATIENCE).GET(), HttpResponse.BodyHandlers.ofString()));
    }

    /** Whatever the answer's status is. */
    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return exchange(
                request(path)
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)),
                HttpResponse.BodyHandlers.ofString());
    }

    /** An answer without an end; whatever its status is. */
    HttpResponse<InputStream> stream(String path) throws IOException, InterruptedException {
        return exchange(request(path).GET(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private HttpRequest.Builder request(String path) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
        String tokenFile = System.getenv(Setting.ADMIN_TOKEN_FILE.environmentName());
        if (tokenFile != null && !tokenFile.equals("none")) {
            request.header("Authorization", "Bearer " + token(tokenFile));
        }
        return request;
    }

    private static String token(String file) throws IOException {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "cannot read the token in " + file + ", which " + Setting.ADMIN_TOKEN_FILE.environmentName()
                            + " names (" + e + ")",
                    e);
        }
    }

    private String success(String path, HttpResponse<String> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException(address + path + " answered " + response.statusCode() + ": "
                    + response.body().strip());
        }
        return response.body();
    }

    private <T> HttpResponse<T> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        try {
            return client.send(request.build(), handler);
        } catch (IOException e) {
            throw new IOException("no sidecar answers on " + address + " (" + e + "); is that its lastref.admin?", e);
        }
    }
}
