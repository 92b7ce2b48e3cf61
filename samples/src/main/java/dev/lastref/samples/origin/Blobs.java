package dev.lastref.samples.origin;

import java.io.IOException;
import java.io.OutputStream;

/** {@code /blob/{id}?size=BYTES&ttl=SECONDS}: {@link BlobBytes} of any size and lifetime, its length known. */
final class Blobs implements Resource {

    static final long MAX_SIZE = 256L << 20;

    private static final long DEFAULT_SIZE = 1 << 20;
    private static final long DEFAULT_LIFETIME_SECONDS = 30;
    private static final long MAX_LIFETIME_SECONDS = 365L * 24 * 3600;
    private static final int STEP = 64 * 1024;

    @Override
    public Answer answer(Request request) {
        request.requireSegments(2);
        long id = request.segment(1, "id", 0, Long.MAX_VALUE);
        long size = request.parameter("size", DEFAULT_SIZE, 0, MAX_SIZE);
        long lifetime = request.parameter("ttl", DEFAULT_LIFETIME_SECONDS, 0, MAX_LIFETIME_SECONDS);
        return new Answer(
                "application/octet-stream",
                Answer.maxAge(lifetime),
                "blob-" + id + "-" + size,
                () -> new Body(size, out -> write(id, size, out)));
    }

    private static void write(long id, long size, OutputStream out) throws IOException {
        byte[] bytes = new byte[(int) Math.min(STEP, size)];
        for (long position = 0; position < size; position += bytes.length) {
            int length = (int) Math.min(bytes.length, size - position);
            BlobBytes.fill(id, position, bytes, 0, length);
            out.write(bytes, 0, length);
        }
    }
}
