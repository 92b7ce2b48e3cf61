package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What people write for the bytes of a message's head, and are shown of them. Bytes have a character each wherever the cache compares them
 * (ISO 8859-1), and are compared as they came; people write and read UTF-8. A byte that is no UTF-8 stands as {@code %xE9}, which no
 * target has: there a percent sign is followed by two hexadecimal digits (RFC 3986, section 2.1).
 */
public final class WireText {
    private static final Pattern BYTE = Pattern.compile("%x(\\p{XDigit}{2})");
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private WireText() {}

    /**
     * The bytes that a text has in UTF-8.
     *
     * @throws IllegalArgumentException if it has none: half of a surrogate pair is no character
     */
    public static String of(String written) {
        if (isAscii(written)) {
            return written;
        }
        try {
            ByteBuffer bytes = UTF_8.newEncoder().encode(CharBuffer.wrap(written));
            return ISO_8859_1.decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("\"" + written + "\" has half of a surrogate pair: expected characters");
        }
    }

    /** The same of a URL, in which {@code %xE9} is one byte. */
    public static String ofUrl(String written) {
        return BYTE.matcher(of(written)).replaceAll(found -> Matcher.quoteReplacement(byteOf(found.group(1))));
    }

    private static String byteOf(String hex) {
        return String.valueOf((char) HexFormat.fromHexDigits(hex));
    }

    /** The text that bytes are in UTF-8. */
    public static String shown(String wire) {
        if (isAscii(wire)) {
            return wire;
        }
        ByteBuffer bytes = ISO_8859_1.encode(wire);
        CharBuffer text = CharBuffer.allocate(4 * bytes.remaining());
        CharsetDecoder decoder = UTF_8.newDecoder();
        CoderResult result = decoder.decode(bytes, text, true);
        while (result.isError()) {
            for (int i = 0; i < result.length(); i++) {
                text.put("%x").put(HEX.toHexDigits(bytes.get()));
            }
            result = decoder.reset().decode(bytes, text, true);
        }
        return text.flip().toString();
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }
}
