package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.MemoryBudget;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code lastref}: what the jar runs. */
@Command(
        name = "lastref",
        description = "An HTTP cache sidecar that gives memory back only after the last reference to it is gone.",
        subcommands = {
            ServeCommand.class,
            ConfigCommand.class,
            ReloadCommand.class,
            TopCommand.class,
            LogCommand.class,
            PurgeCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            TrainCommand.class
        },
        mixinStandardHelpOptions = true,
        version = "lastref 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "From a source checkout, ./lastref demo starts an origin with a sidecar in front of it."})
public final class Main {
    static final int OK = CommandLine.ExitCode.OK;
    /** The system refuses something. */
    static final int FAILED = CommandLine.ExitCode.SOFTWARE;

    static final int BAD_CONFIGURATION = 2;

    private Main() {}

    public static void main(String[] args) {
        Logs.configure();
        System.exit(run(commandLine(), args));
    }

    static int run(CommandLine command, String... args) {
        try {
            return command.execute(args);
        } catch (UnsatisfiedLinkError e) { // which no handler of picocli's gets to see
            command.getErr().println("lastref: " + e.getMessage());
            return FAILED;
        } catch (
                OutOfMemoryError
                        e) { // at the start: later, and with the launcher's options at once, the JVM ends by itself
            command.getErr().println("lastref: Java has no memory left (" + e.getMessage() + ") " + remedy(e));
            return FAILED;
        }
    }

    private static String remedy(OutOfMemoryError e) {
        // As java.nio.Bits#reserveMemory has it.
        if (String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("direct buffer memory")) {
            return "outside the heap, where buffers may take at most " + (MemoryBudget.mostDirect() >> 20)
                    + " MiB: give them more by -XX:MaxDirectMemorySize, such as -XX:MaxDirectMemorySize=32m";
        }
        return "with a heap of at most " + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB: give it more by -Xmx, such as -Xmx96m";
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setParameterExceptionHandler(Main::explain)
                .setExecutionExceptionHandler(Main::explain);
    }

    /** One line: a whole usage text would push it off the screen. */
    private static int explain(CommandLine.ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr()
                .println("lastref: " + WrongUsage.of(e) + "; see "
                        + command.getCommandSpec().qualifiedName() + " --help");
        return BAD_CONFIGURATION;
    }

    /** As whatever ends a command is told. */
    static void print(List<String> problems, PrintWriter err) {
        problems.forEach(line -> err.println("lastref: " + line));
    }

    /** One line for what the user can mend; the whole trace for what only we can. */
    private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        PrintWriter err = command.getErr();
        if (e instanceof ConfigException unusable) {
            print(unusable.each(), err);
            return BAD_CONFIGURATION;
        }
        if (e instanceof IOException) {
            err.println("lastref: " + e.getMessage());
            return FAILED;
        }
        throw e;
    }
}
