package dev.lastref.bench.waste;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.PoolSnapshot.Use;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunTest {
    private static final Plan PLAN = new Plan(4 << 20, 0, 120, 4, 9, 500, 0.9, 5);

    @Test
    void aRunIsSampledEvenlyAndItsAccountAddsUp() throws Exception {
        List<Sample> samples = new Run(PLAN).run(sample -> {});

        assertThat(samples).extracting(Sample::seconds).containsExactly(30L, 60L, 90L, 120L);
        for (Sample sample : samples) {
            assertThat(sample.capacity()).isEqualTo(PLAN.poolBytes());
            assertThat(sample.bytes().get(Use.LIVE)).isPositive();
            assertThat(sample.idealBytes()).isPositive().isLessThanOrEqualTo(PLAN.poolBytes());
            assertThat(sample.counts().requests()).isPositive();
            assertThat(sample.csv().split(",")).hasSameSizeAs(Sample.CSV_HEADER.split(","));
        }
        Counts all = samples.stream().map(Sample::counts).reduce(Counts.NONE, Counts::plus);
        assertThat(all.hits()).isPositive().isLessThan(all.requests());
        assertThat(all.idealHits()).isPositive().isLessThan(all.requests());
        assertThat(all.storedBytes()).isGreaterThan(PLAN.poolBytes());
    }

    @Test
    void aReportLeavesTheWarmUpOut() throws Exception {
        List<Sample> samples = new Run(PLAN).run(sample -> {});
        RunReport whole = new RunReport(PLAN, samples, 0);
        RunReport half = new RunReport(PLAN, samples, 60);

        long requests =
                samples.stream().mapToLong(sample -> sample.counts().requests()).sum();
        long late = samples.subList(2, 4).stream()
                .mapToLong(sample -> sample.counts().requests())
                .sum();
        assertThat(whole.summary()).startsWith("4 MiB").endsWith(" " + requests);
        assertThat(half.summary()).endsWith(" " + late);
        assertThat(RunReport.csv(List.of(whole, half)).lines()).hasSize(1 + 2 * samples.size());
        assertThat(RunReport.figure("a <title>", List.of(whole)))
                .startsWith("<svg ")
                .contains("a &lt;title&gt;", "Pool of 4 MiB", "ideal LRU")
                .endsWith("</svg>\n");
    }
}
