package dev.lastref.http.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a multipart/byteranges response.
 *
 * @param head its field lines
 */
public record Multipart(String head, byte[] body) {
    /** The parts, in their order; fails where the delimiters are not as RFC 2046, section 5.1.1, has them. */
    public static List<Multipart> of(Response response) {
        String type = response.first("Content-Type");
        if (type == null || !type.startsWith("multipart/byteranges; boundary=")) {
            throw new AssertionError("no multipart/byteranges: " + response);
        }
        String delimiter = "--" + type.substring(type.indexOf('=') + 1);
        String text = new String(response.body(), ISO_8859_1);
        if (!text.startsWith(delimiter + "\r\n") || !text.endsWith("\r\n" + delimiter + "--\r\n")) {
            throw new AssertionError("not delimited: " + response);
        }
        List<Multipart> parts = new ArrayList<>();
        int at = delimiter.length() + 2;
        while (at < text.length()) {
            int end = text.indexOf("\r\n" + delimiter, at);
            int headEnd = text.indexOf("\r\n\r\n", at);
            parts.add(new Multipart(
                    text.substring(at, headEnd),
                    text.substring(headEnd + 4, end).getBytes(ISO_8859_1)));
            at = end + 2 + delimiter.length();
            if (text.startsWith("--\r\n", at)) {
                at = text.length();
            } else {
                at += 2;
            }
        }
        return parts;
    }
}
