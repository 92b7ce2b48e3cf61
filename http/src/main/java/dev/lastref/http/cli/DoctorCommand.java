package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.DescriptorBudget;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.pool.linux.KernelProbe;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref doctor}: tries on this system what the pool of a configuration relies on, and says what the kernel did. */
@Command(
        name = "doctor",
        description =
                "Tries what the pool relies on, with the settings that serve would have, says what this kernel does, and adds up what"
                        + " descriptors the settings may need.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:Lastref works here",
            "1:it cannot: see what is FATAL",
            "2:a setting cannot be used; it is named"
        })
final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final SourceOptions options = new SourceOptions();

    @Option(names = "--json", description = "One JSON object instead: works, and the findings.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        SidecarConfig config =
                ConfigLoader.readWithAnyOrigin(options.sources(Map.of())).config();
        KernelProbe.Report found = KernelProbe.run(config.poolDirectory());
        List<KernelProbe.Finding> findings = new ArrayList<>(found.findings());
        findings.add(descriptors(DescriptorBudget.ofThisProcess(config)));
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

    private static KernelProbe.Finding descriptors(DescriptorBudget budget) {
        return new KernelProbe.Finding(
                budget.isEnough() ? KernelProbe.Verdict.OK : KernelProbe.Verdict.NOTE,
                "the limit of open files (RLIMIT_NOFILE)",
                budget.limit() == Long.MAX_VALUE ? "none that can be read" : String.valueOf(budget.limit()),
                (budget.isEnough() ? "enough for what the settings may need: " : "the settings may need ")
                        + budget.sum()
                        + (budget.isEnough() ? "" : "; " + budget.remedy()));
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
