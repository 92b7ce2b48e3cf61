package dev.lastref.bench.scale;

import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.Wrk;
import java.io.IOException;
import java.util.List;

/** Has a sidecar store many resources, and asks for them. */
final class Filling {
    private static final int CONNECTIONS = 32;
    private static final int SECONDS = 10;
    private static final int MOST_TURNS = 60;
    /** A pass through all entries that asks the origin for less than this part of them found them stored. */
    private static final double FILLED = 0.001;

    private Filling() {}

    /** Has that many entries stored, of that many bytes each. */
    static void fill(Server server, int bytes, int entries, Origin origin, Wrk wrk)
            throws IOException, InterruptedException {
        long asked = 0;
        long askedInPass = 0;
        long toOriginInPass = 0;
        for (int i = 0; i < MOST_TURNS; i++) {
            List<String> each = List.of("fill", String.valueOf(bytes), String.valueOf(entries), String.valueOf(asked));
            long before = origin.requests();
            long requests = wrk.run(server.url("/"), CONNECTIONS, SECONDS, each).requests();
            asked += requests;
            askedInPass += requests;
            toOriginInPass += origin.requests() - before;
            if (askedInPass >= entries) {
                if (toOriginInPass <= FILLED * askedInPass) {
                    return;
                }
                askedInPass = 0;
                toOriginInPass = 0;
            }
        }
        throw new IOException(entries + " entries are not all stored after " + MOST_TURNS * SECONDS + " s");
    }

    /** What a load on any of them is told. */
    static List<String> anyOf(int bytes, int entries) {
        return List.of("any", String.valueOf(bytes), String.valueOf(entries));
    }
}
