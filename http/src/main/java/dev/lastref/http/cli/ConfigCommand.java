package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Configuration.Shown;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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
        description = {
            "Prints every setting as it would hold for serve with the same options, with where it comes from and what it means, as a"
                    + " properties file. Each value's form is checked.",
            "",
            "With --check it tries instead what serve does with them before it listens, and changes nothing: certificates and keys,"
                    + " lastref.origin.ca, the token file, the access log, whether the pool fits the memory, its directory, descriptors, and"
                    + " what the kernel grants. All that is wrong is printed as serve would print it, a line for each. What may be read, and"
                    + " what fits, depends on who asks: run it as the user of serve, with the same limits, environment and options of Java."
                    + " Whether the addresses are free is not tried, since a sidecar that runs has them."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:every setting has the form that it must have; with --check: can be used",
            "1:no sidecar answers where --running says; with --check: the system refuses something, such as memfd",
            "2:a setting cannot be used; it is named"
        })
final class ConfigCommand implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(ConfigCommand.class.getName());

    /** Options by which settings are given. */
    private static final List<String> GIVING = List.of("--config", "-D", "--origin", "--listen", "--admin");

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

    @Option(
            names = "--check",
            description =
                    "Whether serve could start with them: with --json the problems and the warnings as one JSON object.")
    private boolean check;

    @Option(names = "--set-only", description = "Only what is not as by default.")
    private boolean setOnly;

    @Option(names = "--json", description = "One JSON object instead, by key.")
    private boolean json;

    @Option(names = "--markdown", description = "The reference of all settings instead: docs/configuration.md.")
    private boolean markdown;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        refuseContradictions();
        if (check) {
            return check(out);
        }
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

    /** What would be left out of account without a word. */
    private void refuseContradictions() {
        if (check && (running != null || setOnly || markdown)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--check is of the settings that a start would have: not with --running, --set-only or --markdown");
        }
        if (markdown && (running != null || setOnly || json)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--markdown is of all settings, whatever they are: not with --running, --set-only or --json");
        }
        boolean given = spec.commandLine().getParseResult().matchedOptions().stream()
                .anyMatch(option -> GIVING.contains(option.longestName()));
        if (running != null && given) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--running is of the settings that a sidecar has: not with " + String.join(", ", GIVING));
        }
    }

    private int check(PrintWriter out) {
        StartCheck found;
        String checked = "";
        try {
            Configuration configuration = ConfigLoader.read(options.sources());
            found = StartCheck.of(configuration);
            checked = StartCheck.told(configuration);
        } catch (ConfigException e) {
            found = StartCheck.of(e);
        }
        if (json) {
            out.println(new JsonMapper()
                    .writeValueAsString(new Checked(found.status() == Main.OK, found.problems(), found.warnings())));
        } else {
            found.warnings().forEach(line -> LOG.log(System.Logger.Level.WARNING, line));
            Main.print(found.problems(), spec.commandLine().getErr());
            if (found.status() == Main.OK) {
                out.println("lastref: " + checked);
            }
        }
        out.flush();
        return found.status();
    }

    private record Checked(boolean usable, List<String> problems, List<String> warnings) {}

    private Map<String, Shown> shown() throws IOException, InterruptedException {
        if (running == null) {
            return ConfigLoader.read(options.sources()).shown();
        }
        String answer = new AdminPort(running, spec.commandLine()).get("/api/config");
        return new JsonMapper().readValue(answer, new TypeReference<LinkedHashMap<String, Shown>>() {});
    }
}
