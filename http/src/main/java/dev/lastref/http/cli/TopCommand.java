package dev.lastref.http.cli;

import dev.lastref.http.cli.top.Frame;
import dev.lastref.http.cli.top.Reading;
import dev.lastref.http.cli.top.TopScreen;
import dev.lastref.http.config.Units;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref top}: what a running sidecar does, live. */
@Command(
        name = "top",
        description = {
            "Shows what a running sidecar does: its pool by state, hit ratio, rates, latency, who holds what, and what is asked for most.",
            "Keys: q ends it. Where the output is no terminal, one picture follows the other."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:ended by q, or --once is done", "1:no sidecar answers there", "2:an option is not understood"
        })
final class TopCommand implements Callable<Integer> {
    private static final int ENTRIES = 50;
    /** Going through the index costs a large one some time. */
    private static final long ENTRIES_NANOS = 5_000_000_000L;

    private static final long SHORTEST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 3_600_000;
    private static final Pattern SECONDS = Pattern.compile("\\d*\\.?\\d+");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            defaultValue = "1s",
            description = "Time between two readings; ${DEFAULT-VALUE} unless given. Rates are over one interval.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String interval;

    private long intervalMillis;

    @Option(names = "--once", description = "One picture of one interval, then end.")
    private boolean once;

    @Option(names = "--json", description = "One JSON object an interval instead of a picture; of all that is shown.")
    private boolean json;

    private final JsonMapper mapper = new JsonMapper();
    private @Nullable JsonNode entries;
    private long entriesNanos;

    @Override
    public Integer call() throws IOException, InterruptedException {
        intervalMillis = millis(interval);
        if (intervalMillis < SHORTEST_MILLIS || intervalMillis > LONGEST_MILLIS) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--interval is \"" + interval
                            + "\": expected a duration from 100ms to 1h, such as 2s, or a number of seconds");
        }
        AdminPort port = admin.port();
        Reading first = read(port);
        if (json || once || !Terminal.isThere()) {
            print(port, first);
        } else {
            watch(port, first);
        }
        return 0;
    }

    /** Returns -1 for what is neither a duration nor a number. */
    private static long millis(String text) {
        try {
            return SECONDS.matcher(text).matches()
                    ? (long) (Double.parseDouble(text) * 1000)
                    : Units.duration(text).toMillis();
        } catch (IllegalArgumentException neither) {
            return -1;
        }
    }

    private Reading read(AdminPort port) throws IOException, InterruptedException {
        long now = System.nanoTime();
        JsonNode most = entries;
        if (most == null || now - entriesNanos >= ENTRIES_NANOS) {
            most = mapper.readTree(port.get("/api/entries?sort=hits&limit=" + ENTRIES));
            entries = most;
            entriesNanos = now;
        }
        return new Reading(
                System.nanoTime(),
                Reading.metrics(port.get("/metrics")),
                mapper.readTree(port.get("/api/pool")),
                mapper.readTree(port.get("/api/transmissions")),
                most,
                mapper.readTree(port.get("/api/origins")));
    }

    private void print(AdminPort port, Reading first) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        TopScreen screen = new TopScreen(Terminal.isThere() && System.getenv("NO_COLOR") == null);
        Reading before = first;
        do {
            Thread.sleep(intervalMillis);
            Reading after = read(port);
            Frame frame = Frame.between(before, after);
            before = after;
            if (json) {
                out.println(mapper.writeValueAsString(frame));
            } else {
                Terminal.Size size = Terminal.size();
                draw(screen, frame, size).forEach(out::println);
            }
            out.flush();
        } while (!once && !out.checkError());
    }

    private List<String> draw(TopScreen screen, Frame frame, Terminal.Size size) {
        String clock = LocalTime.now(ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
        return screen.draw(frame, admin.address(), clock, size.rows(), size.columns());
    }

    private void watch(AdminPort port, Reading first) throws IOException, InterruptedException {
        TopScreen screen = new TopScreen(System.getenv("NO_COLOR") == null);
        try (Terminal terminal = Terminal.open(spec.commandLine().getOut())) {
            terminal.show(List.of("lastref " + admin.address() + ": one moment"));
            Reading before = first;
            Frame frame = null;
            long next = System.nanoTime() + intervalMillis * 1_000_000;
            while (true) {
                long left = (next - System.nanoTime()) / 1_000_000;
                if (terminal.awaitKey(Math.max(1, left)) == 'q') {
                    return;
                }
                if (System.nanoTime() >= next) {
                    next = System.nanoTime() + intervalMillis * 1_000_000;
                    try {
                        Reading after = read(port);
                        frame = Frame.between(before, after);
                        before = after;
                    } catch (IOException gone) { // it may come back
                        terminal.show(List.of("lastref top: " + gone.getMessage(), "Trying again. q ends it."));
                        frame = null;
                    }
                }
                if (frame != null) {
                    terminal.show(draw(screen, frame, Terminal.size()));
                }
            }
        }
    }
}
