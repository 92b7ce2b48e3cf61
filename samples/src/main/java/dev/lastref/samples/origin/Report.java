package dev.lastref.samples.origin;

import java.time.Clock;
import java.util.Locale;

/**
 * {@code /report.json}: sales by region, aggregated for every request over {@value #ROWS} pseudo-random orders.
 *
 * <p>The figures never change; the time of the report does, so it has no validator.
 */
final class Report implements Resource {

    static final int ROWS = 8_000_000;

    private static final long LIFETIME_SECONDS = 5;
    private static final long SEED = 0x5EED_0001;
    private static final String[] REGIONS = {"north", "east", "south", "west"};
    private static final int MAX_CENTS = 50_000;

    private final Clock clock;

    Report(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Answer answer(Request request) {
        request.requireSegments(1);
        return new Answer(Answer.JSON, Answer.maxAge(LIFETIME_SECONDS), null, () -> Body.of(toJson()));
    }

    private String toJson() {
        int[][] ordersByCents = new int[REGIONS.length][MAX_CENTS];
        for (int row = 0; row < ROWS; row++) {
            long random = Mix.at(SEED, row);
            // The product of two uniform numbers: many small orders, few large ones.
            long cents = ((random >>> 48) * (random >>> 32 & 0xFFFF) * MAX_CENTS) >>> 32;
            ordersByCents[(int) random & (REGIONS.length - 1)][(int) cents]++;
        }
        StringBuilder json = new StringBuilder(1024)
                .append("{\n  \"generated\": \"")
                .append(clock.instant())
                .append("\",\n  \"orders\": ")
                .append(ROWS)
                .append(",\n  \"regions\": [");
        for (int region = 0; region < REGIONS.length; region++) {
            json.append(region == 0 ? "\n" : ",\n").append(regionJson(REGIONS[region], ordersByCents[region]));
        }
        return json.append("\n  ]\n}\n").toString();
    }

    private static String regionJson(String name, int[] ordersByCents) {
        long orders = 0;
        long revenue = 0;
        for (int cents = 0; cents < ordersByCents.length; cents++) {
            orders += ordersByCents[cents];
            revenue += (long) cents * ordersByCents[cents];
        }
        return String.format(
                Locale.ROOT,
                "    {\"region\": \"%s\", \"orders\": %d, \"revenue\": %.2f, \"mean\": %.2f, \"median\": %.2f, \"p99\": %.2f}",
                name,
                orders,
                revenue / 100.0,
                revenue / 100.0 / orders,
                quantile(ordersByCents, orders, 0.5) / 100.0,
                quantile(ordersByCents, orders, 0.99) / 100.0);
    }

    private static int quantile(int[] ordersByCents, long orders, double quantile) {
        long below = 0;
        int cents = 0;
        while (below + ordersByCents[cents] < orders * quantile) {
            below += ordersByCents[cents++];
        }
        return cents;
    }
}
