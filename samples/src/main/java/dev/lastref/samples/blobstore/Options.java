package dev.lastref.samples.blobstore;

import dev.lastref.samples.HostPort;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command line of the blob store.
 *
 * @param pool bytes
 */
record Options(InetSocketAddress listen, long pool, boolean help) {
    static final String USAGE = """
            Usage: BlobStore [--listen HOST:PORT] [--pool SIZE]

              --listen HOST:PORT   where clients connect (default 127.0.0.1:7070)
              --pool SIZE          hard bound on the memory of all blobs, in bytes, KiB, MiB or GiB (default 64MiB)
              -h, --help           this text
            """;

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(|KiB|MiB|GiB)");

    /** @throws IllegalArgumentException with a sentence for the user */
    static Options parse(String... args) {
        String listen = "127.0.0.1:7070";
        String pool = "64MiB";
        boolean help = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--listen" -> listen = value(args, ++i);
                case "--pool" -> pool = value(args, ++i);
                case "-h", "--help" -> help = true;
                default -> throw new IllegalArgumentException("There is no option '" + args[i] + "'.");
            }
        }
        return new Options(HostPort.parse(listen), size(pool), help);
    }

    private static String value(String[] args, int index) {
        if (index == args.length) {
            throw new IllegalArgumentException(args[index - 1] + " needs a value.");
        }
        return args[index];
    }

    private static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no size; expected for example 64MiB");
        }
        int shift = switch (matcher.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        return Long.parseLong(matcher.group(1)) << shift;
    }
}
