package dev.lastref.samples.origin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** {@code /export.csv?rows=N}: a large table, formatted and sent row by row, its length unknown until the end. */
final class Export implements Resource {

    /** About 8 MB. */
    static final long DEFAULT_ROWS = 150_000;

    static final long MAX_ROWS = 10_000_000;

    private static final long LIFETIME_SECONDS = 10;
    private static final long SEED = 0x5EED_0002;
    private static final long FIRST_SECOND = 1_767_225_600; // 2026-01-01T00:00:00Z
    private static final String[] REGIONS = {"north", "east", "south", "west"};
    private static final int FLUSH_AT = 32 * 1024;

    @Override
    public Answer answer(Request request) {
        request.requireSegments(1);
        long rows = request.parameter("rows", DEFAULT_ROWS, 0, MAX_ROWS);
        return new Answer(
                "text/csv; charset=utf-8",
                Answer.maxAge(LIFETIME_SECONDS),
                "export-" + rows,
                () -> new Body(Body.UNKNOWN, out -> write(rows, out)));
    }

    private static void write(long rows, OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder(FLUSH_AT + 128).append("order,time,region,product,quantity,cents\n");
        for (long row = 0; row < rows; row++) {
            long random = Mix.at(SEED, row);
            text.append(row)
                    .append(',')
                    .append(Instant.ofEpochSecond(FIRST_SECOND + 7 * row))
                    .append(',')
                    .append(REGIONS[(int) random & (REGIONS.length - 1)])
                    .append(",product-")
                    .append(1000 + (random >>> 8) % 9000)
                    .append(',')
                    .append(1 + (random >>> 24) % 20)
                    .append(',')
                    .append(100 + (random >>> 32) % 100_000)
                    .append('\n');
            if (text.length() >= FLUSH_AT) {
                flush(text, out);
            }
        }
        flush(text, out);
    }

    private static void flush(StringBuilder text, OutputStream out) throws IOException {
        out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
        text.setLength(0);
    }
}
