package dev.lastref.http.cli.top;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws a {@link Frame} for a terminal of some size. What does not fit is left out, from the bottom. */
public final class TopScreen {
    /** How a state is drawn: its letter in the bar, and its colour as ANSI has it. */
    private enum State {
        LIVE('#', 32),
        FILLING('+', 36),
        DEAD('-', 33),
        RETIRED('.', 35),
        DRAINING('~', 31),
        UNPROVEN('?', 31),
        FREE(' ', 90);

        private final char letter;
        private final int colour;

        State(char letter, int colour) {
            this.letter = letter;
            this.colour = colour;
        }
    }

    private static final String INDENT = " ".repeat(10);
    private static final int BOLD = 1;
    private static final int GREY = 90;
    private static final int RED = 31;
    private static final int MOST_ORIGINS = 6;
    private static final String[] OUTCOMES = {"hit", "miss", "stale", "revalidated", "coalesced", "bypass", "pass"};

    private final boolean colours;

    public TopScreen(boolean colours) {
        this.colours = colours;
    }

    /**
     * The lines, none wider than the terminal and no more than it has.
     *
     * @param title which sidecar
     * @param clock what the clock says
     */
    public List<String> draw(Frame frame, String title, String clock, int rows, int columns) {
        List<String> lines = new ArrayList<>();
        String left =
                "lastref " + title + "   up " + Amount.time(frame.uptimeSeconds()) + "   " + frame.stored() + " stored";
        lines.add(paint(BOLD, spread(left, clock, columns)));
        lines.add("");
        pool(frame.pool(), columns, lines);
        String requests = "Requests  " + Amount.rate(sum(frame.requests())) + "/s   hits "
                + Amount.percent(frame.hitRatio()) + "   since start " + Amount.percent(frame.hitRatioSinceStart());
        String outcomes = outcomes(frame.requests());
        if (requests.length() + 3 + outcomes.length() > columns) {
            lines.add(fit(requests, columns));
            lines.add(fit(INDENT + outcomes, columns));
        } else {
            lines.add(requests + "   " + outcomes);
        }
        lines.add(fit(
                "Latency   p50 " + Amount.seconds(frame.latency().p50()) + "   p99 "
                        + Amount.seconds(frame.latency().p99()),
                columns));
        lines.add(fit(
                "Origin    " + Amount.rate(frame.originRequests()) + "/s   p50 "
                        + Amount.seconds(frame.originLatency().p50()) + "   p99 "
                        + Amount.seconds(frame.originLatency().p99()) + "   errors " + Amount.rate(frame.originErrors())
                        + "/s",
                columns));
        origins(frame.origins(), columns, lines);
        lines.add(fit(
                "Sent      " + Amount.bytes(frame.sentBySendfile()) + "/s by sendfile   "
                        + Amount.bytes(frame.sentByCopy()) + "/s copied",
                columns));
        lines.add(fit(
                "Pressure  held " + Amount.bytes((double) frame.held()) + "   evicted " + Amount.bytes(frame.evicted())
                        + "/s   past the pool " + Amount.rate(frame.bypassed()) + "/s   resets "
                        + Amount.rate(frame.resets()) + "/s",
                columns));
        clients(frame.clients(), columns, lines);
        int left2 = rows - lines.size() - 4; // two headings, each with a line before it
        int holders = Math.min(frame.holders().size(), Math.max(1, left2 / 2));
        int entries = Math.max(0, left2 - Math.max(1, holders));
        holders(frame.holders(), holders, columns, lines);
        entries(frame.entries(), entries, columns, lines);
        return lines.size() > rows ? lines.subList(0, rows) : lines;
    }

    /** They have a line only if something is the matter with them. */
    private void clients(Frame.Clients clients, int columns, List<String> lines) {
        if (clients.refused() + clients.notBegun() + clients.timedOut() > 0) {
            String line = "Clients   " + clients.open() + " connections   refused " + Amount.rate(clients.refused())
                    + "/s   failed to begin " + Amount.rate(clients.notBegun()) + "/s   timed out "
                    + Amount.rate(clients.timedOut()) + "/s";
            lines.add(paint(clients.refused() > 0 ? RED : 0, fit(line, columns)));
        }
    }

    /** A sole origin has a line only if something is the matter with it. */
    private void origins(List<Frame.Origin> origins, int columns, List<String> lines) {
        boolean interesting = origins.size() > 1
                || origins.stream().anyMatch(origin -> !origin.state().equals("up"));
        if (!interesting) {
            return;
        }
        for (Frame.Origin origin : origins.subList(0, Math.min(MOST_ORIGINS, origins.size()))) {
            boolean up = origin.state().equals("up");
            String line = INDENT
                    + String.format(
                            Locale.ROOT,
                            "%-7s %s   errors %s/s   %s/s   %s",
                            origin.state(),
                            origin.url(),
                            Amount.rate(origin.failed()), // first: a narrow screen cuts what is behind
                            Amount.rate(origin.answered()),
                            up || origin.lastError().isEmpty() // of one that is down, why it is
                                    ? origin.running() + " running   " + origin.waiting() + " waiting"
                                    : origin.lastError());
            lines.add(paint(up ? 0 : RED, fit(line, columns)));
        }
        if (origins.size() > MOST_ORIGINS) {
            lines.add(INDENT + "and " + (origins.size() - MOST_ORIGINS) + " more");
        }
    }

    private void pool(Frame.Pool pool, int columns, List<String> lines) {
        String size = Amount.bytes((double) pool.capacity())
                + (pool.target() == pool.capacity() ? "" : " -> " + Amount.bytes((double) pool.target()));
        int cells = Math.max(10, columns - "Pool      [] ".length() - size.length());
        StringBuilder bar = new StringBuilder("Pool      [");
        cells(pool, cells)
                .forEach((state, count) -> bar.append(
                        paint(state.colour, String.valueOf(state.letter).repeat(count))));
        lines.add(bar.append("] ").append(size).toString());
        StringBuilder legend = new StringBuilder(INDENT);
        int width = INDENT.length();
        for (State state : State.values()) {
            long bytes = pool.bytes().getOrDefault(name(state), 0L);
            String text =
                    (state.letter == ' ' ? "" : state.letter + " ") + name(state) + " " + Amount.bytes((double) bytes);
            if (bytes > 0) {
                if (width + text.length() > columns && width > INDENT.length()) {
                    lines.add(legend.toString().stripTrailing());
                    legend = new StringBuilder(INDENT);
                    width = INDENT.length();
                }
                legend.append(paint(state.colour, text)).append("  ");
                width += text.length() + 2;
            }
        }
        lines.add(legend.toString().stripTrailing());
        StringBuilder segments = new StringBuilder("          segments:");
        pool.segments().forEach((state, count) -> {
            if (count > 0) {
                segments.append(' ').append(count).append(' ').append(state);
            }
        });
        lines.add(fit(segments.toString(), columns));
    }

    private static String name(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** Shares the cells out: one at least for each state that holds a byte, and what rounding leaves to what is free. */
    private static Map<State, Integer> cells(Frame.Pool pool, int cells) {
        Map<State, Integer> shares = new LinkedHashMap<>();
        int left = cells;
        for (State state : State.values()) {
            long bytes = pool.bytes().getOrDefault(name(state), 0L);
            if (state != State.FREE && bytes > 0) {
                long share = Math.max(1, Math.round((double) bytes * cells / Math.max(1, pool.capacity())));
                shares.put(state, (int) Math.min(left, share));
                left -= shares.get(state);
            }
        }
        shares.put(State.FREE, left);
        return shares;
    }

    private static String outcomes(Map<String, Double> requests) {
        StringBuilder text = new StringBuilder();
        for (String outcome : OUTCOMES) {
            double rate = requests.getOrDefault(outcome, 0.0);
            if (rate > 0) {
                text.append(outcome).append(' ').append(Amount.rate(rate)).append("  ");
            }
        }
        return text.toString();
    }

    private void holders(List<Frame.Holder> holders, int most, int columns, List<String> lines) {
        lines.add("");
        lines.add(heading(row("HELD BY", "BYTES", "CONNS", "STILL", "STATE", "LAST ASKED FOR"), columns));
        if (holders.isEmpty()) {
            lines.add(paint(GREY, "nobody"));
        }
        for (Frame.Holder holder : holders.subList(0, Math.min(most, holders.size()))) {
            lines.add(fit(
                    row(
                            holder.address(),
                            Amount.bytes((double) holder.bytes()),
                            Integer.toString(holder.connections()),
                            Amount.time(holder.stillSeconds()),
                            holder.state(),
                            holder.path()),
                    columns));
        }
    }

    private static String row(String who, String bytes, String count, String still, String state, String path) {
        return String.format(Locale.ROOT, "%-20s %10s %6s %7s  %-9s %s", who, bytes, count, still, state, path);
    }

    private void entries(List<Frame.Entry> entries, int most, int columns, List<String> lines) {
        lines.add("");
        lines.add(heading(entry("HITS", "BYTES", "AGE", "TTL", "MOST ASKED FOR"), columns));
        for (Frame.Entry entry : entries.subList(0, Math.min(most, entries.size()))) {
            lines.add(fit(
                    entry(
                            Integer.toString(entry.hits()),
                            Amount.bytes((double) entry.bytes()),
                            Amount.time((double) entry.ageSeconds()),
                            Amount.time((double) entry.ttlSeconds()),
                            entry.url()),
                    columns));
        }
    }

    private static String entry(String hits, String bytes, String age, String ttl, String url) {
        return String.format(Locale.ROOT, "%9s %10s %8s %8s  %s", hits, bytes, age, ttl, url);
    }

    private String heading(String text, int columns) {
        return paint(BOLD, fit(text, columns));
    }

    private static double sum(Map<String, Double> rates) {
        return rates.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static String spread(String left, String right, int columns) {
        int blanks = columns - left.length() - right.length();
        return blanks < 1 ? fit(left, columns) : left + " ".repeat(blanks) + right;
    }

    /** URLs and paths are what clients sent: nothing of them may steer the terminal. */
    private static String fit(String text, int columns) {
        String safe = text.replaceAll("[\\p{Cc}\\p{Cf}]", "?").stripTrailing();
        return safe.length() > columns ? safe.substring(0, Math.max(0, columns - 1)) + ">" : safe;
    }

    private String paint(int code, String text) {
        return colours && code != 0 && !text.isEmpty() ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
