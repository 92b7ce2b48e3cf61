package dev.lastref.samples.demo;

import dev.lastref.samples.demo.Screen.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Draws a {@link PoolReading} as a bar, one letter a cell, with a legend of the states that hold anything. */
final class PoolBar {

    private static final int CELLS = 64;
    private static final String FREE = "free";
    private static final String GAP = "   ";
    /** The widest that a line of the legend is, so that with the tour's indent it fits 100 columns. */
    private static final int LEGEND = 95;

    private final Screen screen;

    PoolBar(Screen screen) {
        this.screen = screen;
    }

    /** The bar and its legend, as lines. */
    List<String> draw(PoolReading reading) {
        StringBuilder bar = new StringBuilder("[");
        cells(reading)
                .forEach((state, cells) ->
                        bar.append(screen.paint(tone(state), glyph(state).repeat(cells))));
        bar.append("] ").append(Screen.bytes(reading.capacity()));
        List<String> lines = new ArrayList<>();
        lines.add(bar.toString());
        lines.addAll(legend(reading));
        StringJoiner segments = new StringJoiner(", ", " segments: ", "").setEmptyValue(" segments: none");
        reading.segments().forEach((state, count) -> segments.add(count + " " + state.toLowerCase(Locale.ROOT)));
        lines.add(segments.toString());
        return lines;
    }

    /** What each letter stands for and how much that is: in one line, where it fits. */
    private List<String> legend(PoolReading reading) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int width = 0;
        for (Map.Entry<String, Long> each : reading.bytes().entrySet()) {
            String state = each.getKey();
            if (each.getValue() > 0) {
                String key = glyph(state) + " " + state;
                String held = " " + Screen.bytes(each.getValue());
                int more = key.length() + held.length();
                if (width > 0 && width + GAP.length() + more > LEGEND) {
                    lines.add(line.toString());
                    line.setLength(0);
                    width = 0;
                }
                String gap = width == 0 ? " " : GAP;
                line.append(gap).append(screen.paint(tone(state), key)).append(held);
                width += gap.length() + more;
            }
        }
        lines.add(line.toString());
        return lines;
    }

    /** Shares the cells out: at least one for every state that holds a byte, and free space, drawn last, takes what rounding leaves. */
    static Map<String, Integer> cells(PoolReading reading) {
        Map<String, Integer> cells = new LinkedHashMap<>();
        int left = CELLS;
        List<String> states = new ArrayList<>(reading.bytes().keySet());
        states.remove(FREE);
        for (String state : states) {
            long held = reading.bytes().getOrDefault(state, 0L);
            if (held > 0 && left > 0) {
                long share = Math.round((double) held * CELLS / Math.max(1, reading.capacity()));
                int drawn = (int) Math.min(left, Math.max(1, share));
                cells.put(state, drawn);
                left -= drawn;
            }
        }
        cells.put(FREE, left);
        return cells;
    }

    private static String glyph(String state) {
        return switch (state) {
            case FREE -> ".";
            case "filling" -> "+";
            case "live" -> "#";
            case "dead" -> "x";
            case "retired" -> "r";
            case "draining" -> "d";
            case "unproven" -> "u";
            default -> "?";
        };
    }

    private static Tone tone(String state) {
        return switch (state) {
            case FREE -> Tone.SOFT;
            case "filling", "live" -> Tone.GOOD;
            default -> Tone.WARM;
        };
    }
}
