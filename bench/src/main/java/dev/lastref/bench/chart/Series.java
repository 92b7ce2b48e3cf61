package dev.lastref.bench.chart;

import java.util.List;

/**
 * One line of a {@link Panel}.
 *
 * @param name in the legend
 * @param tone which of the figure's colours, from 0; the same tone in two panels is the same colour
 * @param dashed what is not measured but aimed at, or compared with
 * @param points in order of x
 */
public record Series(String name, int tone, boolean dashed, List<Point> points) {
    /** A measurement. */
    public record Point(double x, double y) {}

    public Series {
        points = List.copyOf(points);
    }
}
