package dev.lastref.http.cli;

import dev.lastref.pool.linux.KernelProbe;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref doctor}: tries on this system what the pool relies on, and says what the kernel did. */
@Command(
        name = "doctor",
        description =
                "Tries what the pool relies on, and says what this kernel does. Exit status 1 if it cannot work here.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--json", description = "One JSON object instead: works, and the findings.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        KernelProbe.Report found = KernelProbe.run();
        List<KernelProbe.Finding> findings = found.findings();
        boolean works = found.works();
        if (json) {
            out.println(new JsonMapper().writeValueAsString(new Report(works, findings)));
        } else {
            print(findings, out);
            out.println(works ? "Lastref works here." : "Lastref cannot work here: see what is FATAL.");
        }
        out.flush();
        return works ? 0 : 1;
    }

    private record Report(boolean works, List<KernelProbe.Finding> findings) {}

    private static void print(List<KernelProbe.Finding> findings, PrintWriter out) {
        for (KernelProbe.Finding finding : findings) {
            out.printf("%-8s %s%n", finding.verdict(), finding.tried());
            out.printf("         %s%n", finding.seen());
            out.printf("         %s%n", finding.follows());
        }
    }
}
