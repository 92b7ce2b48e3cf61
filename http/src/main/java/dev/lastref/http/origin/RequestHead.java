package dev.lastref.http.origin;

import dev.lastref.cache.semantics.FieldList;
import java.nio.ByteBuffer;

/** A request's head as bytes (RFC 9112, sections 3 and 5). */
final class RequestHead {
    private static final String VERSION = " HTTP/1.1\r\n";

    private RequestHead() {}

    /**
     * The bytes of a head, in the buffer if it has room for them.
     *
     * @throws IllegalArgumentException if something in it would end a line early
     */
    static ByteBuffer of(OriginRequest request, ByteBuffer buffer) {
        int length = length(request);
        ByteBuffer to = length <= buffer.capacity() ? buffer.clear() : ByteBuffer.allocate(length);
        put(to, request.method());
        to.put((byte) ' ');
        put(to, request.target());
        put(to, VERSION, VERSION.length() - 2);
        end(to);
        FieldList fields = request.fields();
        for (int i = 0; i < fields.size(); i++) {
            line(to, fields.name(i), fields.value(i));
        }
        framing(request, to);
        end(to);
        return to.flip();
    }

    private static int length(OriginRequest request) {
        int length = request.method().length() + request.target().length() + VERSION.length() + 256;
        length += protocols(request).length();
        FieldList fields = request.fields();
        for (int i = 0; i < fields.size(); i++) {
            length += fields.name(i).length() + fields.value(i).length() + 4;
        }
        return length;
    }

    private static String protocols(OriginRequest request) {
        return request.upgrade() == null
                ? ""
                : String.join(", ", request.upgrade().protocols());
    }

    private static void framing(OriginRequest request, ByteBuffer to) {
        OriginRequest.Content content = request.content();
        if (content != null && content.length() >= 0) {
            line(to, "Content-Length", Long.toString(content.length()));
        } else if (content != null) {
            line(to, "Transfer-Encoding", "chunked");
        }
        if (content != null && content.awaitsContinue()) {
            line(to, "Expect", "100-continue");
        }
        if (request.upgrade() != null) {
            line(to, "Connection", "Upgrade");
            line(to, "Upgrade", protocols(request));
        }
    }

    private static void line(ByteBuffer to, String name, String value) {
        put(to, name);
        to.put((byte) ':').put((byte) ' ');
        put(to, value);
        end(to);
    }

    private static void end(ByteBuffer to) {
        to.put((byte) '\r').put((byte) '\n');
    }

    private static void put(ByteBuffer to, String text) {
        put(to, text, text.length());
    }

    private static void put(ByteBuffer to, String text, int length) {
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n' || c == 0 || c > 0xff) {
                throw new IllegalArgumentException("a byte that ends a line, in " + text);
            }
            to.put((byte) c);
        }
    }
}
