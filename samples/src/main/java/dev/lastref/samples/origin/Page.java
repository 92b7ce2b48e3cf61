package dev.lastref.samples.origin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;

/** {@code /}: the demo page, which measures the other resources from the browser. It needs nothing from elsewhere. */
final class Page implements Resource {

    private static final long LIFETIME_SECONDS = 60;
    private static final String FILE = "page.html";

    private final byte[] html;
    private final String etag;

    Page() {
        html = read();
        CRC32 crc = new CRC32();
        crc.update(html);
        etag = "page-" + Long.toHexString(crc.getValue());
    }

    @Override
    public Answer answer(Request request) {
        request.requireSegments(1);
        return new Answer("text/html; charset=utf-8", Answer.maxAge(LIFETIME_SECONDS), etag, () -> Body.of(html));
    }

    private static byte[] read() {
        try (InputStream in = Page.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is missing beside " + Page.class.getName());
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Reading " + FILE + " from the class path failed", e);
        }
    }
}
