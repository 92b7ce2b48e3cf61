package dev.lastref.bench.waste;

import dev.lastref.bench.Sizes;
import dev.lastref.bench.chart.Figure;
import dev.lastref.bench.chart.Panel;
import dev.lastref.bench.chart.Panel.Axis;
import dev.lastref.bench.chart.Panel.Tick;
import dev.lastref.bench.chart.Series;
import dev.lastref.pool.PoolSnapshot.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What came of a run.
 *
 * @param warmUpSeconds what the summary leaves out at the beginning
 */
record RunReport(Plan plan, List<Sample> samples, long warmUpSeconds) {
    /** What the issue behind this asks for. */
    private static final double MOST_WASTE = 0.15;

    private static final double SECONDS_AN_HOUR = 3600;

    static final String HEADER = "pool       waste  (worst)   dead  uncut  drain   free |  hits  ideal  points |"
            + " byte hits  ideal | copied/stored  evicted/stored  bypassed  requests";

    RunReport {
        samples = List.copyOf(samples);
    }

    private List<Sample> steady() {
        return samples.stream()
                .filter(sample -> sample.seconds() > warmUpSeconds)
                .toList();
    }

    /** Of the part after the warm-up. */
    private Counts steadyCounts() {
        Counts sum = Counts.NONE;
        for (Sample sample : steady()) {
            sum = sum.plus(sample.counts());
        }
        return sum;
    }

    private double mean(ToDoubleFunction<Sample> value) {
        return steady().stream().mapToDouble(value).average().orElse(0);
    }

    String summary() {
        Counts counts = steadyCounts();
        return String.format(
                Locale.ROOT,
                "%-8s  %5.1f %%  %5.1f %%  %4.1f %%  %4.1f %%  %4.1f %%  %4.1f %%| %5.2f  %5.2f  %+6.2f |"
                        + "     %5.2f  %5.2f |        %6.3f          %6.3f   %7d   %7d",
                Sizes.show(plan.poolBytes()),
                100 * mean(Sample::waste),
                100 * steady().stream().mapToDouble(Sample::waste).max().orElse(0),
                100 * mean(sample -> sample.share(Use.DEAD)),
                100 * mean(sample -> sample.share(Use.FILLING)),
                100 * mean(sample -> sample.share(Use.RETIRED) + sample.share(Use.DRAINING)),
                100 * mean(sample -> sample.share(Use.FREE)),
                100 * counts.hitRatio(),
                100 * counts.idealHitRatio(),
                100 * (counts.hitRatio() - counts.idealHitRatio()),
                100 * counts.byteHitRatio(),
                100 * counts.idealByteHitRatio(),
                counts.evacuatedPerStored(),
                counts.storedBytes() == 0 ? 0 : (double) counts.evictedBytes() / counts.storedBytes(),
                counts.bypassed(),
                counts.requests());
    }

    static String csv(List<RunReport> reports) {
        return Sample.CSV_HEADER + "\n"
                + reports.stream()
                        .flatMap(report -> report.samples().stream())
                        .map(sample -> sample.csv() + "\n")
                        .collect(Collectors.joining());
    }

    static String figure(String title, List<RunReport> reports) {
        List<Panel> panels = new ArrayList<>();
        for (RunReport report : reports) {
            panels.add(report.wastePanel());
            panels.add(report.hitsPanel());
        }
        return Figure.draw(title, panels);
    }

    /** Stacked: each line is the sum of the ones before and its own. */
    private Panel wastePanel() {
        List<Series> series = new ArrayList<>();
        List<Use> stacked = List.of(Use.DEAD, Use.FILLING, Use.DRAINING, Use.FREE);
        for (int i = 0; i < stacked.size(); i++) {
            List<Use> below = stacked.subList(0, i + 1);
            series.add(new Series(
                    name(stacked.get(i)),
                    i + 1,
                    false,
                    points(sample -> below.stream()
                            .mapToDouble(use -> use == Use.DRAINING
                                    ? sample.share(use) + sample.share(Use.RETIRED)
                                    : sample.share(use))
                            .sum())));
        }
        series.add(new Series(percent(MOST_WASTE), 0, true, points(sample -> MOST_WASTE)));
        return new Panel(
                "Pool of " + Sizes.show(plan.poolBytes()) + ": the part that no response lives in",
                hours(),
                percentages("of the pool", 0.3, 0.05),
                series,
                true);
    }

    private static String name(Use use) {
        return switch (use) {
            case DEAD -> "dead";
            case FILLING -> "to be filled";
            case RETIRED, DRAINING -> "awaiting proof";
            case FREE -> "in no segment";
            case LIVE -> "live";
            case UNPROVEN -> "unproven";
        };
    }

    private Panel hitsPanel() {
        return new Panel(
                "Pool of " + Sizes.show(plan.poolBytes()) + ": requests answered from it",
                hours(),
                percentages("hit ratio", 1, 0.2),
                List.of(
                        new Series(
                                "Lastref",
                                0,
                                false,
                                points(sample -> sample.counts().hitRatio())),
                        new Series(
                                "ideal LRU",
                                1,
                                true,
                                points(sample -> sample.counts().idealHitRatio()))),
                false);
    }

    private List<Series.Point> points(ToDoubleFunction<Sample> value) {
        return samples.stream()
                .map(sample -> new Series.Point(sample.seconds() / SECONDS_AN_HOUR, value.applyAsDouble(sample)))
                .toList();
    }

    private Axis hours() {
        double end = plan.seconds() / SECONDS_AN_HOUR;
        List<Tick> ticks = new ArrayList<>();
        double step = end > 6 ? 4 : end / 4;
        for (double hour = 0; hour <= end; hour += step) {
            ticks.add(new Tick(hour, String.format(Locale.ROOT, "%.3g", hour)));
        }
        return new Axis("hours of virtual time", 0, end, ticks);
    }

    private static Axis percentages(String label, double to, double step) {
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i * step <= to + step / 2; i++) {
            ticks.add(new Tick(i * step, percent(i * step)));
        }
        return new Axis(label, 0, to, ticks);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
