package dev.lastref.bench.scale;

import dev.lastref.bench.chart.Figure;
import dev.lastref.bench.chart.Panel;
import dev.lastref.bench.chart.Panel.Axis;
import dev.lastref.bench.chart.Panel.Tick;
import dev.lastref.bench.chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What came of the sweeps: medians over the rounds, and what they are in terms of the first value's. */
final class ScaleReport {
    /** Of what a hit costs with the first value. */
    private static final double FLAT = 1.25;

    private static final double MIB = 1024 * 1024;

    private final List<Point> points;

    ScaleReport(List<Point> points) {
        this.points = List.copyOf(points);
    }

    static String header() {
        return String.format(
                Locale.ROOT,
                "%-14s %9s %10s %9s %6s %9s %14s",
                "",
                "",
                "req/s",
                "CPU µs",
                "times",
                "p99 µs",
                "beside pool");
    }

    String line(Sweep sweep, int value) {
        return String.format(
                        Locale.ROOT,
                        "%-14s %9d %10.0f %9.2f %6.2f %9.0f %10.1f MiB",
                        sweep.title(),
                        value,
                        median(
                                sweep,
                                value,
                                point -> point.load().requests() / point.load().seconds()),
                        median(sweep, value, Point::cpuMicros),
                        times(sweep, value),
                        median(sweep, value, point -> point.load().p99()),
                        median(sweep, value, point -> point.memoryBytes() / MIB))
                + errors(sweep, value);
    }

    private String errors(Sweep sweep, int value) {
        long errors = of(sweep, value).stream()
                .mapToLong(point -> point.load().errors())
                .sum();
        return errors == 0 ? "" : "  " + errors + " errors";
    }

    private List<Point> of(Sweep sweep, int value) {
        return points.stream()
                .filter(point -> point.sweep() == sweep && point.value() == value)
                .toList();
    }

    private double median(Sweep sweep, int value, ToDoubleFunction<Point> of) {
        double[] sorted = of(sweep, value).stream().mapToDouble(of).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** What a hit costs with this value, in terms of what it costs with the first. */
    double times(Sweep sweep, int value) {
        return median(sweep, value, Point::cpuMicros)
                / median(sweep, values(sweep).get(0), Point::cpuMicros);
    }

    private List<Integer> values(Sweep sweep) {
        return points.stream()
                .filter(point -> point.sweep() == sweep)
                .map(Point::value)
                .distinct()
                .toList();
    }

    String csv() {
        return Point.CSV_HEADER + "\n"
                + points.stream().map(point -> point.csv() + "\n").collect(Collectors.joining());
    }

    /** A panel for each sweep. */
    String figure() {
        List<Panel> panels = new ArrayList<>();
        for (Sweep sweep : points.stream().map(Point::sweep).distinct().toList()) {
            List<Integer> values = values(sweep);
            List<Series.Point> measured = new ArrayList<>();
            List<Series.Point> flat = new ArrayList<>();
            List<Tick> ticks = new ArrayList<>();
            double greatest = 1.5;
            for (int i = 0; i < values.size(); i++) {
                double times = times(sweep, values.get(i));
                greatest = Math.max(greatest, times);
                measured.add(new Series.Point(i, times));
                flat.add(new Series.Point(i, FLAT));
                ticks.add(new Tick(i, String.format(Locale.ROOT, "%,d", values.get(i))));
            }
            double step = Math.ceil(greatest * 2) / 2 / 4;
            List<Tick> scale = new ArrayList<>();
            for (int i = 0; i <= 4; i++) {
                scale.add(new Tick(i * step, String.format(Locale.ROOT, "%.2f", i * step)));
            }
            panels.add(new Panel(
                    "CPU of a hit of 1 KiB by the number of " + sweep.title(),
                    new Axis(sweep.title(), 0, Math.max(1, values.size() - 1), ticks),
                    new Axis("times the first", 0, 4 * step, scale),
                    List.of(new Series("lastref", 0, false, measured), new Series("a quarter more", 5, true, flat)),
                    false));
        }
        return Figure.draw("What a hit costs as the numbers grow", panels);
    }
}
