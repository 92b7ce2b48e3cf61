package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.Configuration.Shown;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref config}: what the settings come to, from which source, and what they mean. */
@Command(
        name = "config",
        description =
                "Prints every setting as it would hold for serve with the same options, with where it comes from and what it"
                        + " means, as a properties file. Each value's form is checked; whether files that settings name can be used, and"
                        + " the pool fits, serve finds out.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:every setting has the form that it must have",
            "1:no sidecar answers where --running says",
            "2:a setting cannot be used; it is named"
        })
final class ConfigCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final SettingOptions options = new SettingOptions();

    @Option(
            names = "--running",
            paramLabel = "HOST:PORT",
            description = "Those of the running sidecar whose administration listens there. " + AdminPort.TOKEN)
    private @Nullable String running;

    @Option(names = "--set-only", description = "Only what is not as by default.")
    private boolean setOnly;

    @Option(names = "--json", description = "One JSON object instead, by key.")
    private boolean json;

    @Option(names = "--markdown", description = "The reference of all settings instead: docs/configuration.md.")
    private boolean markdown;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (markdown) {
            out.print(ConfigReference.markdown());
        } else {
            Map<String, Shown> shown = new LinkedHashMap<>(shown());
            if (setOnly) {
                shown.values().removeIf(setting -> setting.source().equals("default"));
            }
            out.print(json ? new JsonMapper().writeValueAsString(shown) + "\n" : ConfigReference.properties(shown));
        }
        out.flush();
        return 0;
    }

    private Map<String, Shown> shown() throws IOException, InterruptedException {
        if (running == null) {
            return ConfigLoader.read(options.sources()).shown();
        }
        String answer = new AdminPort(running, spec.commandLine()).get("/api/config");
        return new JsonMapper().readValue(answer, new TypeReference<LinkedHashMap<String, Shown>>() {});
    }
}
