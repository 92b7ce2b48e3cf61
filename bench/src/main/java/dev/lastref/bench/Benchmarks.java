package dev.lastref.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** What the commands of this module have in common. */
public final class Benchmarks {
    private static final PrintStream OUT = System.out;

    private Benchmarks() {}

    /** Runs one, and answers its exit status; what a user has to mend is said in a line. */
    public static int execute(Callable<Integer> benchmark, String[] args) {
        CommandLine line = new CommandLine(benchmark);
        return line.setExecutionExceptionHandler((e, command, parsed) -> {
                    if (e instanceof IllegalArgumentException
                            || e instanceof IllegalStateException
                            || e instanceof IOException) {
                        // Some of the JDK's have no message, and say all by their name.
                        command.getErr()
                                .println(line.getCommandName() + ": "
                                        + (e.getMessage() == null ? e.toString() : e.getMessage()));
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw e;
                })
                .execute(args);
    }

    /** Writes a file that was asked for, and says so; null: none was. */
    public static void write(@Nullable Path file, String text) throws IOException {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, text);
        OUT.println("written: " + file);
    }
}
