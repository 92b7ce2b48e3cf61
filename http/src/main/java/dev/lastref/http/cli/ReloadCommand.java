package dev.lastref.http.cli;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref reload}: what SIGHUP does, for where nobody can send signals. */
@Command(
        name = "reload",
        description = "Has a running sidecar read its file again and open its log files anew, as SIGHUP does.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:done",
            "1:no sidecar answers there, or it failed",
            "2:what the file says cannot be used, or not while running; nothing is changed"
        })
final class ReloadCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        HttpResponse<String> answer = admin.port().post("/api/reload", "");
        if (answer.statusCode() != 200) {
            return admin.refused(answer.statusCode(), answer.body());
        }
        if (json) {
            spec.commandLine().getOut().print(answer.body());
        } else {
            JsonNode done = new JsonMapper().readTree(answer.body());
            JsonNode changed = done.get("changed");
            if (changed.isEmpty()) {
                spec.commandLine().getOut().println("no setting has changed");
            }
            changed.properties()
                    .forEach(setting -> spec.commandLine()
                            .getOut()
                            .println(setting.getKey() + " = "
                                    + setting.getValue().asString()));
            done.path("hidden")
                    .properties()
                    .forEach(setting -> spec.commandLine()
                            .getOut()
                            .println("what the file says of " + setting.getKey() + " is hidden by "
                                    + setting.getValue().asString()));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
