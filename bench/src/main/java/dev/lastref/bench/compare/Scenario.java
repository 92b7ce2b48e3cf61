package dev.lastref.bench.compare;

import java.net.http.HttpClient;
import java.util.Locale;

/** What wrk asks for, and h2load. */
enum Scenario {
    /** One resource that is stored; the next request after the response to the last. */
    HITS("hits", 200),
    /** The same, sixteen requests at a time. */
    PIPELINED("pipelined hits", 200),
    /** The same, each on a connection of its own. */
    CLOSING("hits on new connections", 200),
    /** One resource that is stored, which the client has already: If-None-Match. */
    NOT_MODIFIED("304s", 304),
    /** The middle sixteenth of one resource that is stored. */
    RANGES("ranges", 206),
    /** 100,000 resources of 1 KiB to 64 KiB by Zipf (exponent 0.9), all stored. */
    ZIPF("Zipf mix", 200),
    /** A resource that nobody has asked for. */
    MISSES("misses", 200),
    /** The first again, by HTTP/1.1 over TLS. */
    TLS("hits over TLS", 200),
    /** By HTTP/2 over TLS, {@link dev.lastref.bench.load.H2load#STREAMS} at a time on each connection. */
    HTTP2("hits by HTTP/2 over TLS", 200);

    private final String title;
    private final int status;

    Scenario(String title, int status) {
        this.title = title;
        this.status = status;
    }

    String title() {
        return title;
    }

    /** How a right response begins. */
    int status() {
        return status;
    }

    /** Whether requests may reach the origin without spoiling the measurement. */
    boolean asksTheOrigin() {
        return this == MISSES;
    }

    boolean isSecure() {
        return this == TLS || this == HTTP2;
    }

    HttpClient.Version version() {
        return this == HTTP2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
    }

    /** As it is named on the command line. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException with the names there are */
    static Scenario named(String option) {
        StringBuilder names = new StringBuilder();
        for (Scenario scenario : values()) {
            if (scenario.option().equals(option)) {
                return scenario;
            }
            names.append(names.isEmpty() ? "" : ", ").append(scenario.option());
        }
        throw new IllegalArgumentException("there is no scenario '" + option + "', expected one of " + names);
    }
}
