package dev.lastref.bench.compare;

import dev.lastref.bench.Sizes;
import dev.lastref.bench.chart.Figure;
import dev.lastref.bench.chart.Panel;
import dev.lastref.bench.chart.Panel.Axis;
import dev.lastref.bench.chart.Panel.Tick;
import dev.lastref.bench.chart.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What came of a comparison: medians over the rounds, and ratios to the base peer. A ratio is taken within each round, where both had
 * the machine in the same minute; what is shown is the median of those, with the least and the greatest.
 */
final class CompareReport {
    private static final Peer BASE = Peer.NGINX;
    private static final double MIB = 1024 * 1024;

    private final List<Measurement> measurements;

    CompareReport(List<Measurement> measurements) {
        this.measurements = List.copyOf(measurements);
    }

    /** The lines about one case. */
    String table(Case about) {
        StringBuilder text = new StringBuilder(about.title()).append('\n');
        text.append(String.format(
                Locale.ROOT,
                "  %-8s %10s  %-20s %9s  %-20s %-20s %8s %8s %8s %9s%n",
                "",
                "req/s",
                "  to " + BASE.title(),
                "CPU µs",
                "  to " + BASE.title(),
                "machine's CPU",
                "p50 µs",
                "p99 µs",
                "p99.9 µs",
                "MiB"));
        for (Map.Entry<Peer, List<Measurement>> entry : byPeer(about).entrySet()) {
            List<Measurement> of = entry.getValue();
            text.append(String.format(
                    Locale.ROOT,
                    "  %-8s %10.0f  %-20s %9.2f  %-20s %-20s %8s %8s %8s %9.1f%s%n",
                    entry.getKey().title(),
                    median(of, Measurement::requestsPerSecond),
                    shown(ratio(about, entry.getKey(), Measurement::requestsPerSecond)),
                    median(of, Measurement::cpuMicrosPerRequest),
                    shown(ratio(about, entry.getKey(), Measurement::cpuMicrosPerRequest)),
                    shown(ratio(about, entry.getKey(), Measurement::machineCpuMicrosPerRequest)),
                    micros(median(of, measurement -> measurement.load().p50())),
                    micros(median(of, measurement -> measurement.load().p99())),
                    micros(median(of, measurement -> measurement.load().p999())),
                    median(of, measurement -> measurement.memoryBytes() / MIB),
                    remarks(about, of)));
        }
        return text.toString();
    }

    private static String remarks(Case about, List<Measurement> of) {
        long requests = of.stream().mapToLong(m -> m.load().requests()).sum();
        long origin = of.stream().mapToLong(Measurement::originRequests).sum();
        long errors = of.stream().mapToLong(m -> m.load().errors()).sum();
        String remarks = "";
        if (!about.scenario().asksTheOrigin() && origin * 1000 > requests) {
            remarks += String.format(Locale.ROOT, "  %.1f %% went to the origin", 100.0 * origin / requests);
        }
        if (requests == 0) {
            remarks += "  the client took nothing for a whole response";
        }
        return errors == 0 ? remarks : remarks + "  " + errors + " errors";
    }

    /** Where nobody knows, a dash. */
    private static String micros(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.0f", value);
    }

    private Map<Peer, List<Measurement>> byPeer(Case about) {
        return measurements.stream()
                .filter(measurement -> measurement.measured().equals(about))
                .collect(Collectors.groupingBy(Measurement::peer, LinkedHashMap::new, Collectors.toList()));
    }

    private static double median(List<Measurement> of, ToDoubleFunction<Measurement> value) {
        return Spread.of(of.stream().map(value::applyAsDouble).toList()).median();
    }

    /** Of a peer to the base, in each round in which both took part. */
    Spread ratio(Case about, Peer peer, ToDoubleFunction<Measurement> value) {
        Map<Peer, List<Measurement>> peers = byPeer(about);
        Map<Integer, Measurement> base = peers.getOrDefault(BASE, List.of()).stream()
                .collect(Collectors.toMap(Measurement::round, measurement -> measurement));
        List<Double> ratios = new ArrayList<>();
        for (Measurement measurement : peers.getOrDefault(peer, List.of())) {
            Measurement other = base.get(measurement.round());
            if (other != null) {
                ratios.add(value.applyAsDouble(measurement) / value.applyAsDouble(other));
            }
        }
        return Spread.of(ratios);
    }

    private static String shown(Spread ratio) {
        return Double.isNaN(ratio.median())
                ? ""
                : String.format(Locale.ROOT, "%5.2f (%.2f to %.2f)", ratio.median(), ratio.least(), ratio.greatest());
    }

    String csv() {
        return Measurement.CSV_HEADER + "\n"
                + measurements.stream()
                        .map(measurement -> measurement.csv() + "\n")
                        .collect(Collectors.joining());
    }

    /** Hits by size: a panel for each number of connections and for each of CPU and requests. */
    String figure() {
        List<Panel> panels = new ArrayList<>();
        List<Case> hits = measurements.stream()
                .map(Measurement::measured)
                .distinct()
                .filter(measured -> measured.scenario() == Scenario.HITS)
                .toList();
        for (int connections :
                hits.stream().map(Case::connections).distinct().sorted().toList()) {
            List<Case> bySize = hits.stream()
                    .filter(measured -> measured.connections() == connections)
                    .toList();
            panels.add(panel("CPU of a hit", connections, bySize, Measurement::cpuMicrosPerRequest));
            panels.add(panel("Hits a second", connections, bySize, Measurement::requestsPerSecond));
        }
        return Figure.draw("Hits beside " + BASE.title(), panels);
    }

    private Panel panel(String what, int connections, List<Case> bySize, ToDoubleFunction<Measurement> value) {
        List<Series> series = new ArrayList<>();
        double greatest = 2;
        for (Peer peer : measurements.stream().map(Measurement::peer).distinct().toList()) {
            List<Series.Point> points = new ArrayList<>();
            for (int i = 0; i < bySize.size(); i++) {
                double ratio = ratio(bySize.get(i), peer, value).median();
                if (!Double.isNaN(ratio)) {
                    points.add(new Series.Point(i, ratio));
                    greatest = Math.max(greatest, ratio);
                }
            }
            series.add(new Series(peer.title(), series.size(), peer == BASE, points));
        }
        List<Tick> sizes = new ArrayList<>();
        for (int i = 0; i < bySize.size(); i++) {
            sizes.add(new Tick(i, Sizes.show(bySize.get(i).bytes())));
        }
        List<Tick> ratios = new ArrayList<>();
        double step = Math.ceil(greatest / 4 * 2) / 2;
        for (int i = 0; i <= 4; i++) {
            ratios.add(new Tick(i * step, String.format(Locale.ROOT, "%.1f", i * step)));
        }
        return new Panel(
                what + ", " + connections + " connections: times that of " + BASE.title(),
                new Axis("size", 0, Math.max(1, bySize.size() - 1), sizes),
                new Axis("times", 0, 4 * step, ratios),
                series,
                false);
    }
}
