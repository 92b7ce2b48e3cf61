package dev.lastref.http.cli;

import dev.lastref.pool.linux.KernelProbe;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<KernelProbe.Finding> findings = KernelProbe.run();
        for (KernelProbe.Finding finding : findings) {
            out.printf("%-8s %s%n", finding.verdict(), finding.tried());
            out.printf("         %s%n", finding.seen());
            out.printf("         %s%n", finding.follows());
        }
        out.flush();
        return findings.stream().anyMatch(finding -> finding.verdict() == KernelProbe.Verdict.FATAL) ? 1 : 0;
    }
}
