package dev.lastref.samples.demo;

import dev.lastref.samples.HostPort;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The command line of the demo.
 *
 * @param listen where clients connect; null means the default address, or a free port if that is taken
 * @param admin likewise for the administration
 * @param stay whether to stay up after the tour
 */
record DemoOptions(
        @Nullable InetSocketAddress listen, @Nullable InetSocketAddress admin, boolean stay, boolean help) {

    static final String USAGE = """
            Usage: lastref demo [--listen HOST:PORT] [--admin HOST:PORT] [--no-wait]

            Starts an origin that computes what it serves and a sidecar in front of it, shows what the
            sidecar saves, and stays up so that you can look around.

              --listen HOST:PORT   where clients connect (default 127.0.0.1:8080)
              --admin HOST:PORT    metrics, health and the pool (default 127.0.0.1:9090)
              --no-wait            exit when the tour is over
              -h, --help           this text
            """;

    /** @throws IllegalArgumentException with a sentence for the user */
    static DemoOptions parse(String... args) {
        InetSocketAddress listen = null;
        InetSocketAddress admin = null;
        boolean stay = true;
        boolean help = false;
        for (int i = 0; i < args.length; i++) {
            String option = args[i];
            switch (option) {
                case "--listen" -> listen = HostPort.parse(value(args, ++i, option));
                case "--admin" -> admin = HostPort.parse(value(args, ++i, option));
                case "--no-wait" -> stay = false;
                case "-h", "--help" -> help = true;
                default -> throw new IllegalArgumentException("The demo has no option '" + option + "'.");
            }
        }
        return new DemoOptions(listen, admin, stay, help);
    }

    private static String value(String[] args, int index, String option) {
        if (index == args.length) {
            throw new IllegalArgumentException(option + " needs a value, HOST:PORT.");
        }
        return args[index];
    }
}
