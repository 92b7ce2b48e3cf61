package dev.lastref.bench.chart;

import java.util.List;
import java.util.Locale;

/**
 * Diagrams one below the other, as SVG that needs nothing else: it has a background of its own, and follows the reader's light or dark
 * scheme.
 */
public final class Figure {
    private static final int WIDTH = 860;
    private static final int LEFT = 64;
    private static final int RIGHT = 170;
    private static final int TOP = 40;
    private static final int BOTTOM = 46;
    private static final int PLOT = 170;
    private static final int SIZE = 12;
    private static final String[] LIGHT = {"#0969da", "#cf222e", "#9a6700", "#1a7f37", "#8250df", "#57606a", "#bf3989"};
    private static final String[] DARK = {"#79c0ff", "#ff7b72", "#e3b341", "#56d364", "#d2a8ff", "#9198a1", "#f778ba"};

    private final String title;
    private final List<Panel> panels;
    private final StringBuilder out = new StringBuilder();

    private Figure(String title, List<Panel> panels) {
        this.title = title;
        this.panels = panels;
    }

    /** The whole file. */
    public static String draw(String title, List<Panel> panels) {
        Figure figure = new Figure(title, List.copyOf(panels));
        figure.draw();
        return figure.out.toString();
    }

    private void draw() {
        int height = panels.size() * (TOP + PLOT + BOTTOM);
        line(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">",
                WIDTH, height, WIDTH, height, escaped(title));
        line("<title>%s</title>", escaped(title));
        line(
                "<style>text{font:%dpx system-ui,sans-serif}.m{text-anchor:middle}.e{text-anchor:end}.h{font-weight:bold}"
                        + ".s{fill:none;stroke-width:1.8}.d{stroke-dasharray:5 4}.f{stroke:none;opacity:.75}",
                SIZE);
        line("%s", scheme("#ffffff", "#d0d7de", "#1f2328", LIGHT));
        line("@media (prefers-color-scheme:dark){%s}</style>", scheme("#0d1117", "#3d444d", "#d1d7e0", DARK));
        line("<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\"/>", WIDTH - 1, height - 1);
        for (int i = 0; i < panels.size(); i++) {
            draw(panels.get(i), i * (TOP + PLOT + BOTTOM) + TOP);
        }
        line("</svg>");
    }

    private static String scheme(String background, String edge, String text, String[] tones) {
        StringBuilder rules = new StringBuilder();
        rules.append(".card{fill:")
                .append(background)
                .append(";stroke:")
                .append(edge)
                .append('}');
        rules.append("text{fill:")
                .append(text)
                .append("}.g{stroke:")
                .append(edge)
                .append('}');
        for (int i = 0; i < tones.length; i++) {
            rules.append(".s").append(i).append("{stroke:").append(tones[i]).append('}');
            rules.append(".f").append(i).append("{fill:").append(tones[i]).append('}');
        }
        return rules.toString();
    }

    private void draw(Panel panel, int top) {
        int right = WIDTH - RIGHT;
        int bottom = top + PLOT;
        text("h", LEFT, top - 14, panel.title());
        for (Panel.Tick tick : panel.y().ticks()) {
            double y = y(panel, top, tick.at());
            line("<line class=\"g\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>", LEFT, y, right, y);
            text("e", LEFT - 6, y + 4, tick.text());
        }
        for (Panel.Tick tick : panel.x().ticks()) {
            double x = x(panel, tick.at());
            line("<line class=\"g\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", x, bottom, x, bottom + 4);
            text("m", x, bottom + 18, tick.text());
        }
        text("m", (LEFT + right) / 2.0, bottom + 34, panel.x().label());
        line(
                "<text class=\"m\" transform=\"translate(16 %d) rotate(-90)\">%s</text>",
                top + PLOT / 2, escaped(panel.y().label()));
        List<Series> series = panel.series();
        // The uppermost first: each next one covers its lower part.
        for (int i = series.size() - 1; i >= 0 && panel.filled(); i--) {
            area(panel, series.get(i), top);
        }
        for (int i = 0; i < series.size(); i++) {
            if (!panel.filled() || series.get(i).dashed()) {
                stroke(panel, series.get(i), top);
            }
            legend(panel, i, right + 14, top + 6 + i * 18);
        }
    }

    private void area(Panel panel, Series series, int top) {
        if (series.dashed() || series.points().isEmpty()) {
            return;
        }
        double bottom = y(panel, top, panel.y().from());
        List<Series.Point> points = series.points();
        line(
                "<polygon class=\"f f%d\" points=\"%.1f,%.1f%s %.1f,%.1f\"/>",
                tone(series),
                x(panel, points.get(0).x()),
                bottom,
                coordinates(panel, series, top),
                x(panel, points.get(points.size() - 1).x()),
                bottom);
    }

    private void stroke(Panel panel, Series series, int top) {
        line(
                "<polyline class=\"s s%d%s\" points=\"%s\"/>",
                tone(series),
                series.dashed() ? " d" : "",
                coordinates(panel, series, top).strip());
    }

    private void legend(Panel panel, int index, int x, int y) {
        Series series = panel.series().get(index);
        if (panel.filled() && !series.dashed()) {
            line("<rect class=\"f f%d\" x=\"%d\" y=\"%d\" width=\"18\" height=\"10\"/>", tone(series), x, y - 5);
        } else {
            line(
                    "<line class=\"s s%d%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
                    tone(series), series.dashed() ? " d" : "", x, y, x + 18, y);
        }
        text("", x + 24, y + 4, series.name());
    }

    private static String coordinates(Panel panel, Series series, int top) {
        StringBuilder coordinates = new StringBuilder();
        for (Series.Point point : series.points()) {
            coordinates.append(String.format(Locale.ROOT, " %.1f,%.1f", x(panel, point.x()), y(panel, top, point.y())));
        }
        return coordinates.toString();
    }

    private static double x(Panel panel, double value) {
        return LEFT + panel.x().position(value) * (WIDTH - RIGHT - LEFT);
    }

    private static double y(Panel panel, int top, double value) {
        return top + PLOT - panel.y().position(value) * PLOT;
    }

    private static int tone(Series series) {
        return Math.floorMod(series.tone(), LIGHT.length);
    }

    private void text(String style, double x, double y, String text) {
        line("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>", style, x, y, escaped(text));
    }

    private void line(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
