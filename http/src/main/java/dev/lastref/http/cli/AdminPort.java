package dev.lastref.http.cli;

import dev.lastref.http.admin.AdminGuard;
import dev.lastref.http.config.Setting;
import dev.lastref.http.message.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A running sidecar's administration port, as commands speak to it. */
final class AdminPort {
    /** Where it is unless somebody says otherwise. */
    static final String USUAL = "127.0.0.1:9090";

    /** How it is shown a token, as the options that name it say. */
    static final String TOKEN = "If that asks for a token (lastref.admin.token-file there), the variable"
            + " LASTREF_ADMIN_TOKEN_FILE here must name a file with it.";

    /** What the options that name it say. */
    static final String DESCRIPTION =
            "Where the sidecar's administration listens; ${DEFAULT-VALUE} unless given. " + AdminPort.TOKEN;

    private static final int LAST_PORT = 65535;
    private static final int UNAUTHORIZED = 401;

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
        URI given = parsed(address);
        if (given == null) {
            throw new CommandLine.ParameterException(
                    command,
                    "--admin is \"" + address + "\": expected HOST:PORT, with a port from 1 to 65535, such as "
                            + USUAL);
        }
        this.base = given;
    }

    private static @Nullable URI parsed(String address) {
        try {
            URI uri = new URI("http://" + address + "/");
            boolean isAddress = uri.getHost() != null
                    && uri.getUserInfo() == null
                    && "/".equals(uri.getRawPath())
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getPort() >= 1
                    && uri.getPort() <= LAST_PORT;
            return isAddress ? uri : null;
        } catch (URISyntaxException e) {
            return null;
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

    /** Whatever the answer's status is. Nothing is posted before it is known that nobody's application gets it. */
    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        exchange(request("/health/live").timeout(PATIENCE).GET(), HttpResponse.BodyHandlers.discarding());
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
        String tokenFile = tokenFile();
        if (tokenFile != null) {
            request.header("Authorization", "Bearer " + token(tokenFile));
        }
        return request;
    }

    /** Null: none is named. */
    private static @Nullable String tokenFile() {
        String named = System.getenv(Setting.ADMIN_TOKEN_FILE.environmentName());
        return named == null || named.equals("none") ? null : named;
    }

    private static String token(String file) throws IOException {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException | InvalidPathException e) {
            throw new IOException(
                    "cannot read the token in " + file + ", which " + Setting.ADMIN_TOKEN_FILE.environmentName()
                            + " names: " + (e instanceof IOException failed ? Reason.of(failed) : e.getMessage()),
                    e);
        }
    }

    /** What was answered that is no success, for the user. */
    static String told(int status, String answer) {
        String text = answer.strip();
        String said = text.startsWith(status + ":") ? text : status + ": " + text;
        if (status != UNAUTHORIZED) {
            return said;
        }
        String variable = Setting.ADMIN_TOKEN_FILE.environmentName();
        String tokenFile = tokenFile();
        return said
                + (tokenFile == null
                        ? "; set " + variable + " to a file with the token"
                        : "; it was that in " + tokenFile + ", which " + variable + " names");
    }

    private String success(String path, HttpResponse<String> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException(address + path + " answered " + told(response.statusCode(), response.body()));
        }
        return response.body();
    }

    private <T> HttpResponse<T> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpResponse<T> response;
        try {
            response = client.send(request.build(), handler);
        } catch (IOException e) {
            throw new IOException(
                    "no sidecar answers on " + address + " (" + Reason.of(e) + "); is that its lastref.admin?", e);
        }
        if (response.headers().firstValue(AdminGuard.MARK.toString()).isEmpty()) {
            throw new IOException(
                    address + " answers, but not as a sidecar's administration: is that its lastref.admin?");
        }
        return response;
    }
}
