package dev.lastref.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

    private static final int THREADS = 2;
    private static final int MORE_SECONDS = 30;
    /** So long before the end connections are counted. */
    private static final long BEFORE_END_MILLIS = 150;

    private final String program;
    private final Path folder;

    public H2load(Programs programs, Path folder) {
        this.program = programs.path("h2load");
        this.folder = folder;
    }

    /**
     * Runs it.
     *
     * @throws IOException if it spoke anything but HTTP/2 over {@link TlsIdentity#PROTOCOL} with {@link TlsIdentity#CIPHER}, or came to no
     *     result; with all that it said
     */
    public LoadResult run(String url, int connections, int seconds) throws IOException, InterruptedException {
        Path said = folder.resolve("h2load.log");
        Path responses = folder.resolve("h2load-responses.log");
        Files.deleteIfExists(responses); // it would be added to
        Process process = new ProcessBuilder(
                        program,
                        "-t" + Math.min(THREADS, connections),
                        "-c" + connections,
                        "-m" + STREAMS,
                        "-D" + seconds,
                        "--tls13-ciphers=" + TlsIdentity.CIPHER,
                        "--log-file=" + responses,
                        url)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        long lost = 0;
        try {
            if (!process.waitFor(seconds * 1000L - BEFORE_END_MILLIS, TimeUnit.MILLISECONDS)) {
                lost = Math.max(0, connections - sockets(process.pid()));
            }
            if (!process.waitFor(MORE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("h2load did not end " + MORE_SECONDS + " s after its time");
            }
        } finally {
            process.destroyForcibly();
        }
        return parse(Files.readString(said, StandardCharsets.UTF_8), Files.readString(responses), seconds, lost);
    }

    /** Of a connection that is refused or breaks h2load says nothing (1.52, with -D); but it closes its socket, and opens no other. */
    private static long sockets(long pid) throws IOException {
        long sockets = 0;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    sockets += Files.readSymbolicLink(descriptor).toString().startsWith("socket:") ? 1 : 0;
                } catch (NoSuchFileException closed) {
                    // meanwhile
                }
            }
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
