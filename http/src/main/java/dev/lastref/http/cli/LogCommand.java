package dev.lastref.http.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lastref.http.cli.top.Amount;
import dev.lastref.http.message.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref log}: the requests of a running sidecar, as they end. */
@Command(
        name = "log",
        description = {
            "Prints each request of a running sidecar when it has ended: time, status, how the cache answered, seconds, bytes, method,"
                    + " URL and client.",
            "What comes faster than it can be read is left out, and how much that was is told on standard error."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:as many as --count says have come",
            "1:no sidecar answers there, or it has ended",
            "2:an option is not understood"
        })
final class LogCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Option(names = "--status", paramLabel = "LIST", description = "Only these, such as 5xx,404.")
    private @Nullable String status;

    @Option(
            names = "--cache",
            paramLabel = "LIST",
            description =
                    "Only what the cache answered so: some of hit, miss, stale, revalidated, coalesced, bypass, pass, none.")
    private @Nullable String cache;

    @Option(
            names = "--path",
            paramLabel = "PATH",
            description = "Only paths that begin so, query included; with * for any characters, all of it.")
    private @Nullable String path;

    @Option(names = "--method", paramLabel = "LIST", description = "Only these, such as GET,HEAD.")
    private @Nullable String method;

    @Option(names = "--count", paramLabel = "N", description = "End after so many.")
    private @Nullable String count;

    @Option(names = "--json", description = "One JSON object a line, as the access log has it.")
    private boolean json;

    private final JsonMapper mapper = new JsonMapper();

    @Override
    public Integer call() throws IOException, InterruptedException {
        long most = most();
        HttpResponse<java.io.InputStream> answer = admin.port().stream("/api/log" + query());
        PrintWriter err = spec.commandLine().getErr();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), UTF_8))) {
            if (answer.statusCode() != 200) {
                return admin.refused(answer.statusCode(), String.valueOf(lines.readLine()));
            }
            return print(lines, most) ? 0 : AdminOption.FAILED;
        } catch (IOException gone) {
            err.println("lastref: the sidecar on " + admin.address() + " has ended (" + Reason.of(gone) + ")");
            return AdminOption.FAILED;
        }
    }

    private long most() {
        if (count == null) {
            return Long.MAX_VALUE;
        }
        try {
            long most = Long.parseLong(count);
            if (most >= 1) {
                return most;
            }
        } catch (NumberFormatException none) {
            // as one that is too small
        }
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "--count is \"" + count + "\": expected how many requests, a number of at least 1, such as 10");
    }

    private String query() {
        List<String> parts = new ArrayList<>();
        add(parts, "status", status);
        add(parts, "cache", cache);
        add(parts, "path", path);
        add(parts, "method", method);
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    private static void add(List<String> parts, String name, @Nullable String value) {
        if (value != null) {
            parts.add(name + "=" + URLEncoder.encode(value, UTF_8));
        }
    }

    /** Whether all that were to come have come, or nobody reads them any more. */
    private boolean print(BufferedReader lines, long most) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        long left = most;
        while (left > 0) {
            String line = lines.readLine();
            if (line == null) {
                spec.commandLine().getErr().println("lastref: the sidecar on " + admin.address() + " has ended");
                return false;
            }
            if (line.isEmpty()) {
                continue;
            }
            JsonNode request = mapper.readTree(line);
            if (request.has("lost")) {
                spec.commandLine()
                        .getErr()
                        .println("lastref: " + request.get("lost").asLong() + " requests are left out here");
                continue;
            }
            out.println(json ? line : text(request));
            if (out.checkError()) { // flushes too
                return true;
            }
            left--;
        }
        return true;
    }

    private static String text(JsonNode request) {
        JsonNode host = request.get("host");
        String target = request.path("target").asString("-");
        String url = target.startsWith("/") && host != null ? "http://" + host.asString() + target : target;
        String line = String.format(
                Locale.ROOT,
                "%s %d %-11s %9s %9s %-7s %s %s",
                TIME.format(Instant.parse(request.get("time").asString())),
                request.get("status").asInt(),
                request.has("cache") ? request.get("cache").asString() : "-",
                Amount.seconds(request.get("seconds").asDouble()),
                Amount.bytes((double) request.get("bytes").asLong()),
                request.path("method").asString("-"),
                url,
                request.get("client").asString());
        if (request.has("aborted")) {
            line += " aborted";
        }
        if (request.has("refused")) {
            line += " refused: " + request.get("refused").asString();
        }
        return line.replaceAll("[\\p{Cc}\\p{Cf}]", "?"); // what clients sent must not steer the terminal
    }
}
