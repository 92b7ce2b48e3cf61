package dev.lastref.http.cli;

import dev.lastref.http.Sidecar;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Doubtful;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.message.AddressText;
import dev.lastref.pool.linux.NativeHeap;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lastref serve}: runs a sidecar until SIGTERM or SIGINT. */
@Command(
        name = "serve",
        description = "Runs the sidecar in front of an origin.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:ended by SIGTERM or SIGINT, with all requests done, or their time over",
            "1:the system refuses something: an address that is taken, a kernel without memfd",
            "2:a setting cannot be used; it is named",
            "130, 143:ended at once by a second SIGINT, SIGTERM"
        })
final class ServeCommand implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(ServeCommand.class.getName());

    /** What a shell reports of a process that a signal has ended. */
    private static final int BY_SIGNAL = 128;

    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    /** How often, from its start on, the JVM frees what its compilers gave back to its pools (HotSpot's ChunkPool); before, it is in use. */
    private static final long POOLS_EMPTIED_MILLIS = 5_000;

    private static final long AFTER_THAT_MILLIS = 500;
    /** A multiple of that: it stays half a second after. */
    private static final long NEXT_TRIM_MILLIS = 60_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final SettingOptions options = new SettingOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        boolean heard = endsWhenToldTo(stop); // first: a start that is cut short is no failure either
        Configuration config = ConfigLoader.read(options.sources());
        Doubtful.of(config).forEach(line -> LOG.log(System.Logger.Level.WARNING, line));
        CountDownLatch stopped = new CountDownLatch(1);
        try (Sidecar sidecar = Sidecar.startProbed(config, StartUpProbe::run)) {
            HangUp.reloads(sidecar.settings()); // before anybody knows whom to signal
            if (!heard) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitClose(stop, stopped), "lastref-shutdown"));
            }
            announce(sidecar, config.config());
            awaitTidily(stop);
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    /** The compilers need most of their memory for a moment at the start, and again under the first load. */
    private static void awaitTidily(CountDownLatch stop) throws InterruptedException {
        long untilTrim =
                millisUntilFirstTrim(ManagementFactory.getRuntimeMXBean().getUptime());
        while (!stop.await(untilTrim, TimeUnit.MILLISECONDS)) {
            NativeHeap.trim();
            untilTrim = NEXT_TRIM_MILLIS;
        }
    }

    /** @param uptime of the JVM, in milliseconds */
    static long millisUntilFirstTrim(long uptime) {
        return POOLS_EMPTIED_MILLIS - uptime % POOLS_EMPTIED_MILLIS + AFTER_THAT_MILLIS;
    }

    private void announce(Sidecar sidecar, SidecarConfig config) {
        // Whoever takes the access log from standard output reads every line there as one of it.
        PrintWriter out = config.accessLog().target().equals("stdout")
                ? spec.commandLine().getErr()
                : spec.commandLine().getOut();
        out.println("lastref: " + text(config.tls().isEmpty() ? "http" : "https", sidecar.address()) + " -> "
                + origins(config) + ", pool " + (config.poolSize() >> 20) + " MiB, administration on "
                + text("http", sidecar.adminAddress()));
        out.flush();
    }

    private static String origins(SidecarConfig config) {
        return config.origins().bases().stream().map(URI::toString).collect(Collectors.joining(", "));
    }

    private static String text(String scheme, InetSocketAddress address) {
        return scheme + "://" + AddressText.of(address);
    }

    /** The first signal begins the end, which is bounded by the grace period; the second is obeyed at once. */
    private static boolean endsWhenToldTo(CountDownLatch stop) {
        return Signals.handle("TERM", () -> stopNow(stop, SIGTERM))
                && Signals.handle("INT", () -> stopNow(stop, SIGINT));
    }

    private static void stopNow(CountDownLatch stop, int signal) {
        if (stop.getCount() == 0) {
            Runtime.getRuntime().halt(BY_SIGNAL + signal);
        }
        stop.countDown();
    }

    /** Holds the JVM's exit until the sidecar is closed; it bounds that itself, by the grace period. */
    private static void awaitClose(CountDownLatch stop, CountDownLatch stopped) {
        stop.countDown();
        try {
            stopped.await();
            // All is closed as asked: a signal that was heeded is no failure.
            Runtime.getRuntime().halt(0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
