package dev.lastref.http.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lastref completion}: what makes a shell complete commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands, options, keys of settings behind -D, and values in bash and zsh.",
            "",
            "For this shell:",
            "  source <(lastref completion)"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(CompletionScript.of(spec.root().commandLine()));
        out.flush();
        return 0;
    }
}
