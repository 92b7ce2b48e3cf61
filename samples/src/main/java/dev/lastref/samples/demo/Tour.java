package dev.lastref.samples.demo;

import dev.lastref.samples.HostPort;
import dev.lastref.samples.demo.Screen.Tone;
import dev.lastref.samples.origin.BlobBytes;
import dev.lastref.samples.origin.DemoOrigin;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The walk: asks a running sidecar as any client would, and prints what it saw beside what the origin had to do for it.
 *
 * <p>Expects a sidecar that has served nothing yet. Owns neither the sidecar nor the origin.
 */
final class Tour {

    private static final String TILE = "/tiles/11/1027/932.png";
    private static final String BURST_TILE = "/tiles/11/1028/932.png";
    private static final String WARM_UP_TILE = "/tiles/11/1026/932.png";
    private static final int BURST = 16;
    private static final String EXPORT = "/export.csv";
    private static final String SHORT_LIVED = "/catalog/10";

    private static final int BLOBS = 48;
    private static final int BLOB_BYTES = 1 << 20;
    private static final int BLOB_SECONDS = 3;

    private static final Duration EXPIRY_BOUND = Duration.ofSeconds(15);
    private static final Duration RECLAIM_BOUND = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);

    private final DemoOrigin origin;
    private final Client sidecar;
    private final Client admin;
    private final Screen screen;
    private final PoolBar bar;

    Tour(URI sidecar, URI admin, DemoOrigin origin, Screen screen) {
        this.sidecar = new Client(sidecar);
        this.admin = new Client(admin);
        this.origin = origin;
        this.screen = screen;
        this.bar = new PoolBar(screen);
    }

    /**
     * Walks to the end; takes some ten seconds.
     *
     * @throws IOException if a request fails, with what was asked and what came instead
     */
    void run() throws IOException, InterruptedException {
        warmUp();
        tile();
        burst();
        export();
        expiry();
        reclaim();
    }

    /** So that the first numbers are of the sidecar and the origin, and not of class loading on either side. */
    private void warmUp() throws IOException {
        new Client(HostPort.toUri(origin.address())).get(WARM_UP_TILE);
        sidecar.get("/clock");
        admin.get("/api/pool");
    }

    private void tile() throws IOException {
        screen.heading("1  A computed tile, asked for twice");
        coldAndWarm(TILE);
    }

    private void burst() throws IOException {
        screen.heading("2  " + BURST + " requests at once for a tile that nobody has asked for yet");
        long before = origin.requests(BURST_TILE);
        long start = System.nanoTime();
        List<Fetched> answers = sidecar.get(BURST_TILE, BURST);
        long nanos = System.nanoTime() - start;
        long reached = origin.requests(BURST_TILE) - before;
        Fetched first = answers.get(0);
        boolean alike = answers.stream().allMatch(first::hasBodyOf);
        row(
                BURST_TILE,
                "all " + BURST,
                nanos,
                first.body().length,
                alike ? "all bodies alike" : "BODIES DIFFER",
                alike);
        note(reached == 1, "The origin computed it " + times(reached) + " for " + BURST + " clients.");
    }

    private void export() throws IOException {
        screen.heading("3  A large table whose length nobody knows until its end");
        coldAndWarm(EXPORT);
    }

    private void coldAndWarm(String path) throws IOException {
        long before = origin.requests(path);
        Fetched cold = sidecar.get(path);
        row("first", cold);
        Fetched warm = sidecar.get(path);
        row("again", warm);
        long reached = origin.requests(path) - before;
        boolean same = warm.hasBodyOf(cold);
        note(
                reached == 1 && same,
                String.format(
                        Locale.ROOT,
                        "%.0f times faster, %s; the origin computed it %s.",
                        (double) cold.nanos() / Math.max(1, warm.nanos()),
                        same ? "the same bytes" : "OTHER BYTES",
                        times(reached)));
    }

    private void expiry() throws IOException, InterruptedException {
        screen.heading("4  A lifetime of one second");
        long before = origin.requests(SHORT_LIVED);
        row("first", sidecar.get(SHORT_LIVED));
        long stored = System.nanoTime();
        Fetched again = sidecar.get(SHORT_LIVED);
        row("again", again);
        int hits = 0;
        while (again.cacheStatus().hit() && System.nanoTime() - stored < EXPIRY_BOUND.toNanos()) {
            hits++;
            Thread.sleep(POLL.toMillis());
            again = sidecar.get(SHORT_LIVED);
        }
        long waited = System.nanoTime() - stored;
        row("later", again);
        if (again.cacheStatus().hit()) {
            note(false, "Still a hit after " + EXPIRY_BOUND.toSeconds() + " s: the entry should have expired.");
        } else {
            String text = String.format(
                    Locale.ROOT,
                    "%d hits, then no longer fresh after %.1f s: the origin was asked %s in all.",
                    hits,
                    waited / 1e9,
                    times(origin.requests(SHORT_LIVED) - before));
            note(hits > 0, text);
        }
    }

    private void reclaim() throws IOException, InterruptedException {
        screen.heading("5  Memory given back: " + BLOBS + " blobs of " + Screen.bytes(BLOB_BYTES) + " that live "
                + BLOB_SECONDS + " s");
        PoolReading before = pool("before");
        for (int id = 1; id <= BLOBS; id++) {
            checkedBlob(id);
        }
        PoolReading stored = pool("stored, every byte checked");
        long enough = before.free() - (long) BLOBS * BLOB_BYTES / 4;
        long start = System.nanoTime();
        PoolReading now = stored;
        while (now.free() < enough && System.nanoTime() - start < RECLAIM_BOUND.toNanos()) {
            Thread.sleep(POLL.toMillis());
            now = readPool();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        print(String.format(Locale.ROOT, "%.1f s later", seconds), now);
        note(
                now.free() >= enough,
                now.free() >= enough
                        ? Screen.bytes(now.free() - stored.free())
                                + " are free again, after the kernel had let the last page go."
                        : "Most of it should be free again by now; " + Screen.bytes(now.free()) + " are.");
    }

    private void checkedBlob(int id) throws IOException {
        String path = "/blob/" + id + "?size=" + BLOB_BYTES + "&ttl=" + BLOB_SECONDS;
        byte[] body = sidecar.get(path).body();
        long difference = BlobBytes.firstDifference(id, 0, body);
        if (body.length != BLOB_BYTES || difference >= 0) {
            throw new IOException(path + " came with " + body.length + " bytes of " + BLOB_BYTES
                    + (difference < 0 ? "" : ", the first wrong one at " + difference));
        }
    }

    private PoolReading pool(String moment) throws IOException {
        PoolReading reading = readPool();
        print(moment, reading);
        return reading;
    }

    private PoolReading readPool() throws IOException {
        return PoolReading.parse(admin.get("/api/pool").body());
    }

    private void print(String moment, PoolReading reading) {
        screen.note(moment + ":");
        bar.draw(reading).forEach(line -> screen.note("  " + line));
    }

    private void row(String when, Fetched fetched) {
        CacheStatus status = fetched.cacheStatus();
        row(fetched.path(), when, fetched.nanos(), fetched.body().length, status.parameters(), status.hit());
    }

    private void row(String path, String when, long nanos, long bytes, String remark, boolean good) {
        screen.note(String.format(
                        Locale.ROOT, "%-24s %-6s %10s %10s   ", path, when, Screen.millis(nanos), Screen.bytes(bytes))
                + screen.paint(good ? Tone.GOOD : Tone.WARM, remark));
    }

    private void note(boolean asExpected, String text) {
        screen.note(asExpected ? text : screen.paint(Tone.BAD, "! " + text));
    }

    private static String times(long count) {
        return count == 1 ? "once" : count + " times";
    }
}
