package dev.lastref.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The load by HTTP/2 over TLS: h2load of nghttp2, with streams beside each other on every connection. Its summary has no percentiles, so
 * it writes down every response; that costs 0.3 µs of its own CPU for each, of 8.
 */
public final class H2load {
    /** Streams of a connection at a time. */
    public static final int STREAMS = 10;

    private static final Pattern REQUESTS =
            Pattern.compile("^requests: .* ([0-9]+) succeeded, ([0-9]+) failed,", Pattern.MULTILINE);
    private static final Pattern REDIRECTIONS = Pattern.compile("^status codes: .* ([0-9]+) 3xx,", Pattern.MULTILINE);
    private static final Pattern CONTENT = Pattern.compile("^traffic: .*\\(([0-9]+)\\) data$", Pattern.MULTILINE);
    private static final Pattern PROTOCOL = Pattern.compile("^Application protocol: (.*)$", Pattern.MULTILINE);
    private static final Pattern VERSION = Pattern.compile("^TLS Protocol: (.*)$", Pattern.MULTILINE);
    private static final Pattern CIPHER = Pattern.compile("^Cipher: (.*)$", Pattern.MULTILINE);

    private static final String BEGINS = "Main benchmark duration is started";
    private static final String ENDS = "Main benchmark duration is over";

    private static final int THREADS = 2;
    private static final int MORE_SECONDS = 30;
    private static final int PAUSE_MILLIS = 5;
    /** How many handshakes a second even a slow or busy machine has behind it before h2load counts. */
    private static final int HANDSHAKES_A_SECOND = 256;

    private final String program;
    private final Path folder;

    public H2load(Programs programs, Path folder) {
        this.program = programs.path("h2load");
        this.folder = folder;
    }

    /**
     * Runs it: first it connects, and asks without counting. A connection whose handshake is not done when it is to end goes on for ever
     * (1.52), so there is time for all of them.
     *
     * @param seconds that count
     * @param whole whether what it asks before counts too, by the bytes that came: for responses so large that few are complete
     * @throws IOException if it spoke anything but HTTP/2 over {@link TlsIdentity#PROTOCOL} with {@link TlsIdentity#CIPHER}, or came to no
     *     result; with all that it said
     */
    public LoadResult run(String url, int connections, int seconds, boolean whole, Counting counting)
            throws IOException, InterruptedException {
        Path said = folder.resolve("h2load.log");
        Path responses = folder.resolve("h2load-responses.log");
        Files.deleteIfExists(responses); // it would be added to
        int threads = Math.min(THREADS, connections);
        int connecting = 1 + connections / HANDSHAKES_A_SECOND;
        Process process = new ProcessBuilder(
                        program,
                        "-t" + threads,
                        "-c" + connections,
                        "-m" + STREAMS,
                        "-D" + seconds,
                        "--warm-up-time=" + connecting,
                        "--tls13-ciphers=" + TlsIdentity.CIPHER,
                        "--log-file=" + responses,
                        url)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        long lost = 0;
        try {
            if (whole) {
                counting.begins();
            }
            await(process, said, BEGINS, threads, connecting);
            long begun = System.nanoTime();
            if (!whole) {
                counting.begins();
            }
            for (long millis : List.of(0L, seconds * 1000L - 500, seconds * 1000L - 150)) {
                long left = begun + TimeUnit.MILLISECONDS.toNanos(millis) - System.nanoTime();
                process.waitFor(left, TimeUnit.NANOSECONDS);
                long sockets = sockets(process);
                if (process.isAlive() && !Files.readString(said).contains(ENDS)) {
                    lost = Math.max(0, connections - sockets);
                }
            }
            await(process, said, ENDS, threads, 1);
            counting.ends();
            if (!process.waitFor(MORE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("h2load did not end " + MORE_SECONDS + " s after its time: of " + connections
                        + " connections some had no handshake behind them after " + (connecting + seconds)
                        + " s; try fewer of them");
            }
        } finally {
            process.destroyForcibly();
        }
        int counted = whole ? connecting + seconds : seconds;
        return parse(Files.readString(said, StandardCharsets.UTF_8), Files.readString(responses), counted, lost);
    }

    /** Until it has said so of all its threads, or has ended. */
    private static void await(Process process, Path said, String what, int threads, int seconds)
            throws IOException, InterruptedException {
        long begun = System.nanoTime();
        long nanos = TimeUnit.SECONDS.toNanos(seconds + MORE_SECONDS);
        while (Files.readString(said).split(what, -1).length <= threads) {
            if (process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
            if (System.nanoTime() - begun > nanos) {
                throw new IOException("h2load did not say \"" + what + "\" within " + (seconds + MORE_SECONDS)
                        + " s; it said:\n" + Files.readString(said).strip());
            }
        }
    }

    /** Of a connection that is refused or breaks h2load says nothing (1.52, with -D); but it closes its socket, and opens no other. */
    private static long sockets(Process process) throws IOException {
        long sockets = 0;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    sockets += Files.readSymbolicLink(descriptor).toString().startsWith("socket:") ? 1 : 0;
                } catch (NoSuchFileException closed) {
                    // meanwhile
                }
            }
        } catch (NoSuchFileException ended) {
            return 0;
        }
        return sockets;
    }

    /**
     * Reads what it said.
     *
     * @param output its standard output
     * @param responses its log: start, status, and microseconds of each response, with tabs between them
     * @param seconds that it counted
     * @param lost connections that were gone before the end
     * @throws IOException as of {@link #run}
     */
    public static LoadResult parse(String output, String responses, int seconds, long lost) throws IOException {
        Matcher requests = REQUESTS.matcher(output);
        if (!requests.find()) {
            throw new IOException("h2load came to no result; it said:\n" + output.strip());
        }
        long succeeded = Long.parseLong(requests.group(1));
        long failed = Long.parseLong(requests.group(2));
        if (succeeded + failed > 0) {
            expect("h2", PROTOCOL, output);
            expect(TlsIdentity.PROTOCOL, VERSION, output);
            expect(TlsIdentity.CIPHER, CIPHER, output);
        }
        double[] micros = responses
                .lines()
                .map(line -> line.split("\t", -1))
                .filter(fields -> !fields[1].equals("-1"))
                .mapToDouble(fields -> Double.parseDouble(fields[2]))
                .sorted()
                .toArray();
        return new LoadResult(
                succeeded,
                seconds,
                number(CONTENT, output),
                failed + number(REDIRECTIONS, output) + lost,
                percentile(micros, 0.5),
                percentile(micros, 0.99),
                percentile(micros, 0.999));
    }

    private static void expect(String expected, Pattern pattern, String output) throws IOException {
        Matcher matcher = pattern.matcher(output);
        String found = matcher.find() ? matcher.group(1) : "nothing";
        if (!found.equals(expected)) {
            throw new IOException(
                    "h2load agreed on " + found + " instead of " + expected + "; it said:\n" + output.strip());
        }
    }

    private static long number(Pattern pattern, String output) throws IOException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IOException("h2load's result has no line like " + pattern + "; it said:\n" + output.strip());
        }
        return Long.parseLong(matcher.group(1));
    }

    /** The nearest rank. */
    private static double percentile(double[] sorted, double part) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(part * sorted.length) - 1];
    }
}
