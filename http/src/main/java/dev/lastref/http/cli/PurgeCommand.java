package dev.lastref.http.cli;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref purge}: has a running sidecar purge, through its administration port. */
@Command(
        name = "purge",
        description =
                "Purges stored responses of a running sidecar. When it returns, no request that starts later gets one of them.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:purged, be it none",
            "1:no sidecar answers there, or it failed",
            "2:what was asked for is not understood"
        })
final class PurgeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private What what;

    /** One of these. */
    static final class What {
        @Option(names = "--url", paramLabel = "URL", description = "One URL, all its variants; /PATH: on every host.")
        private @Nullable String url;

        @Option(
                names = "--tag",
                paramLabel = "TAG",
                description = "What has this tag in Surrogate-Key, xkey, Cache-Tag or Cache-Groups.")
        private @Nullable String tag;

        @Option(names = "--prefix", paramLabel = "PREFIX", description = "URLs that begin so; /PATH: on every host.")
        private @Nullable String prefix;

        @Option(names = "--host", paramLabel = "HOST[:PORT]", description = "Everything of a host.")
        private @Nullable String host;

        @Option(names = "--all", description = "Everything.")
        private boolean all;

        /** Throws ParameterException if it says nothing that could be found. */
        Map<String, Object> body(CommandLine command) {
            Map<String, Object> body = new LinkedHashMap<>();
            put(body, "url", url, command);
            put(body, "tag", tag, command);
            put(body, "prefix", prefix, command);
            put(body, "host", host, command);
            if (all) {
                body.put("all", true);
            }
            return body;
        }

        private static void put(Map<String, Object> body, String name, @Nullable String value, CommandLine command) {
            if (value == null) {
                return;
            }
            if (value.indexOf(WrongUsage.UNREADABLE) >= 0) {
                throw new CommandLine.ParameterException(
                        command,
                        "--" + name + " is \"" + value
                                + "\", of which this locale's encoding could not be read: set LC_ALL=C.UTF-8, or write each byte"
                                + " beyond ASCII of a URL as %xC3");
            }
            body.put(name, value);
        }
    }

    @Option(names = "--soft", description = "Only make them stale: they may be served while the origin is asked.")
    private boolean soft;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean asJson;

    @Override
    public Integer call() throws IOException, InterruptedException {
        JsonMapper json = new JsonMapper();
        Map<String, Object> body = what.body(spec.commandLine());
        if (soft) {
            body.put("soft", true);
        }
        HttpResponse<String> response = purge(json.writeValueAsString(body));
        if (response.statusCode() != 200) {
            return admin.refused(response.statusCode(), response.body());
        }
        JsonNode answer = json.readTree(response.body());
        if (asJson) {
            spec.commandLine().getOut().print(response.body());
        } else {
            long purged = answer.get("purged").asLong();
            spec.commandLine()
                    .getOut()
                    .println(
                            (soft ? "made stale: " : "purged: ") + purged + (purged == 1 ? " response" : " responses"));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    private HttpResponse<String> purge(String body) throws IOException, InterruptedException {
        AdminPort port = admin.port();
        try {
            return port.post("/api/purge", body);
        } catch (IOException e) {
            throw new IOException("cannot purge: " + e.getMessage(), e);
        }
    }
}
