package dev.lastref.http.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.pool.Transmission;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends several ranges of a stored response as multipart/byteranges (RFC 9110, section 14.6): the heads of the parts are copied, the
 * parts themselves go like any content, large ones with sendfile. On the I/O thread that read the request.
 */
final class MultipartResponder extends StoredSend {
    /** As many heads as parts, and the last delimiter behind them. */
    private final List<ByteBuffer> heads;

    private final List<Transmission> parts;
    private int part;

    private MultipartResponder(StoredReply reply, List<ByteBuffer> heads, List<Transmission> parts) {
        super(reply.exchange(), reply.incoming().key().target(), reply.context().waiting());
        this.heads = heads;
        this.parts = parts;
    }

    /** Answers; false if the stored response left the store meanwhile, and nothing was done. */
    static boolean respond(StoredReply reply, List<ByteRange> ranges) {
        StoredResponse stored = reply.stored();
        HttpServerExchange exchange = reply.exchange();
        List<Transmission> parts = new ArrayList<>(ranges.size());
        for (ByteRange range : ranges) {
            Transmission part = stored.transmit(range);
            if (part == null) {
                parts.forEach(Transmission::close);
                return false;
            }
            parts.add(part);
        }
        String boundary = boundary();
        List<ByteBuffer> heads = heads(stored, ranges, boundary);
        MultipartResponder responder = new MultipartResponder(reply, heads, parts);
        try {
            reply.begin(206, stored.fields());
        } catch (RuntimeException fault) { // the exchange does not know of the parts
            responder.close();
            throw fault;
        }
        exchange.getResponseHeaders().remove(Headers.CONTENT_RANGE);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "multipart/byteranges; boundary=" + boundary);
        exchange.setResponseContentLength(
                heads.stream().mapToLong(ByteBuffer::remaining).sum()
                        + ranges.stream().mapToLong(ByteRange::length).sum());
        responder.start(reply.context());
        return true;
    }

    /** What no content holds but by a chance of one in 2^128. */
    private static String boundary() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return String.format("%016x%016x", random.nextLong(), random.nextLong());
    }

    private static List<ByteBuffer> heads(StoredResponse stored, List<ByteRange> ranges, String boundary) {
        String type = stored.fields().first("Content-Type");
        String typeLine = type == null ? "" : "Content-Type: " + type + "\r\n";
        List<ByteBuffer> heads = new ArrayList<>(ranges.size() + 1);
        for (ByteRange range : ranges) {
            String head = "\r\n--" + boundary + "\r\n" + typeLine + "Content-Range: "
                    + range.contentRange(stored.completeLength()) + "\r\n\r\n";
            // Before the first delimiter nothing is needed.
            heads.add(bytes(heads.isEmpty() ? head.substring(2) : head));
        }
        heads.add(bytes("\r\n--" + boundary + "--\r\n"));
        return heads;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    @Override
    boolean sendTo(ConnectionSink to) throws IOException {
        for (; part < parts.size(); part++) {
            if (!to.send(heads.get(part)) || !to.send(parts.get(part))) {
                return false;
            }
        }
        return to.send(heads.get(part));
    }

    @Override
    void close() {
        parts.forEach(Transmission::close);
    }
}
