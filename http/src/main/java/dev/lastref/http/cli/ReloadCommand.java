package dev.lastref.http.cli;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
    private static final int FAILED = 1;
    private static final int REFUSED = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            defaultValue = AdminPort.USUAL,
            description = AdminPort.DESCRIPTION)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String admin;

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        HttpResponse<String> answer = new AdminPort(admin, spec.commandLine()).post("/api/reload", "");
        if (answer.statusCode() != 200) {
            spec.commandLine()
                    .getErr()
                    .println("lastref: " + admin + " answered " + answer.body().strip());
            return answer.statusCode() == 400 ? REFUSED : FAILED;
        }
        if (json) {
            spec.commandLine().getOut().print(answer.body());
        } else {
            JsonNode changed = new JsonMapper().readTree(answer.body()).get("changed");
            if (changed.isEmpty()) {
                spec.commandLine().getOut().println("no setting has changed");
            }
            changed.properties()
                    .forEach(setting -> spec.commandLine()
                            .getOut()
                            .println(setting.getKey() + " = "
                                    + setting.getValue().asString()));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
