package dev.lastref.samples.demo;

import dev.lastref.http.Sidecar;
import dev.lastref.http.cli.Logs;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Setting;
import dev.lastref.samples.HostPort;
import dev.lastref.samples.origin.DemoOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * {@code ./lastref demo}: an origin, a sidecar in front of it, the {@link Tour}, and then both stay up until Ctrl-C.
 *
 * <p>The only class here that touches the sidecar's code.
 */
public final class Demo {

    private static final int USUAL_PORT = 8080;
    private static final int USUAL_ADMIN_PORT = 9090;
    private static final long CLOSING_BOUND_MILLIS = 15_000;

    private Demo() {}

    public static void main(String[] args) throws InterruptedException {
        try {
            Logs.configure();
            DemoOptions options = DemoOptions.parse(args);
            if (options.help()) {
                System.out.print(DemoOptions.USAGE);
            } else {
                run(options, Screen.standard());
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + System.lineSeparator());
            System.err.print(DemoOptions.USAGE);
            System.exit(2);
        } catch (IOException e) {
            System.err.println("The demo cannot go on: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(DemoOptions options, Screen screen) throws IOException, InterruptedException {
        InetSocketAddress listen = FreeAddress.choose(options.listen(), USUAL_PORT, "--listen", screen);
        InetSocketAddress admin = FreeAddress.choose(options.admin(), USUAL_ADMIN_PORT, "--admin", screen);
        try (DemoOrigin origin = DemoOrigin.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Configuration config = ConfigLoader.read(new ConfigSources(
                    null,
                    Map.of(),
                    Map.of(
                            Setting.LISTEN.key(), HostPort.format(listen),
                            Setting.ADMIN.key(), HostPort.format(admin),
                            Setting.ORIGIN.key(),
                                    HostPort.toUri(origin.address()).toString())));
            try (Sidecar sidecar = Sidecar.start(config)) {
                walk(
                        HostPort.toUri(sidecar.address()),
                        HostPort.toUri(sidecar.adminAddress()),
                        origin,
                        options,
                        screen);
            }
        }
    }

    static void walk(URI sidecar, URI admin, DemoOrigin origin, DemoOptions options, Screen screen)
            throws IOException, InterruptedException {
        screen.line("An origin that computes what it serves   " + HostPort.toUri(origin.address()));
        screen.line("Lastref in front of it                   " + sidecar);
        screen.line("What it says of each response            Cache-Status (RFC 9211), at the right");
        new Tour(sidecar, admin, origin, screen).run();
        screen.heading(options.stay() ? "Look around" : "Without --no-wait it stays up, to look around");
        screen.note(admin + "/            the dashboard: pool, clients and requests as they come");
        screen.note(sidecar + "/            the demo page, through the sidecar");
        screen.note(admin + "/metrics     for Prometheus");
        screen.note(admin + "/api/pool    the pool, segment by segment");
        if (options.stay()) {
            screen.note("Ctrl-C ends it.");
            awaitTheEnd();
        }
    }

    /** Returns when the JVM is told to end, and holds it up until the caller has closed what it owns. */
    private static void awaitTheEnd() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Thread closing = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            end.countDown();
                            try {
                                closing.join(CLOSING_BOUND_MILLIS);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "demo-end"));
        end.await();
    }
}
