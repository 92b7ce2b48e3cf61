package dev.lastref.bench.chart;

import java.util.List;

/**
 * One of a figure's diagrams.
 *
 * @param title above it
 * @param x the axis below it
 * @param y the axis at its left
 * @param series its lines
 * @param filled whether the areas between the lines are filled: each line then lies above the ones before
 */
public record Panel(String title, Axis x, Axis y, List<Series> series, boolean filled) {
    /**
     * An axis.
     *
     * @param label with its unit
     * @param from the value at its beginning
     * @param to the value at its end
     * @param ticks where a number stands
     */
    public record Axis(String label, double from, double to, List<Tick> ticks) {
        public Axis {
            ticks = List.copyOf(ticks);
            if (!(to > from)) {
                throw new IllegalArgumentException("axis '" + label + "' from " + from + " to " + to);
            }
        }

        /** Where a value lies: 0 to 1. */
        double position(double value) {
            return Math.max(0, Math.min(1, (value - from) / (to - from)));
        }
    }

    /** A mark with its text. */
    public record Tick(double at, String text) {}

    public Panel {
        series = List.copyOf(series);
    }
}
