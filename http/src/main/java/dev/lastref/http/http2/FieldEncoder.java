package dev.lastref.http.http2;

import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Encodes the heads of responses (HPACK, RFC 7541): names from the static table, values as they are. It keeps no table of its own, so a
 * client cannot make it hold memory, and no secret can be guessed from lengths. For one connection.
 */
final class FieldEncoder {
    /** RFC 9113, section 8.2.2. */
    private static final Set<HttpString> OF_A_CONNECTION = Set.of(
            Headers.CONNECTION,
            new HttpString("Proxy-Connection"),
            new HttpString("Keep-Alive"),
            Headers.TRANSFER_ENCODING,
            Headers.UPGRADE);

    private static final int FIRST_BYTES = 1024;
    private static final int KEPT_BYTES = 8 * 1024;
    /** The table's size becomes 0 (RFC 7541, section 6.3). */
    private static final byte NO_TABLE = 0x20;

    private static final int INDEXED = 0x80;
    private static final int LONGEST_NUMBER = 6;

    private ByteBuffer block = ByteBuffer.allocate(FIRST_BYTES);
    private boolean saidNoTable;

    /** Encodes a head. The buffer is ready to be read, and good until the next call. */
    ByteBuffer encode(int status, HeaderMap fields) {
        if (block.capacity() > KEPT_BYTES) {
            block = ByteBuffer.allocate(FIRST_BYTES);
        }
        block.clear();
        if (!saidNoTable) {
            saidNoTable = true;
            block.put(NO_TABLE);
        }
        status(Integer.toString(status));
        return fields(fields);
    }

    /** Encodes trailer fields, on a stream whose head was encoded. The same holds for the buffer. */
    ByteBuffer encodeTrailers(HeaderMap fields) {
        block.clear();
        return fields(fields);
    }

    private ByteBuffer fields(HeaderMap fields) {
        for (long cookie = fields.fastIterateNonEmpty(); cookie != -1; cookie = fields.fiNextNonEmpty(cookie)) {
            HeaderValues values = fields.fiCurrent(cookie);
            HttpString name = values.getHeaderName();
            if (!OF_A_CONNECTION.contains(name)) {
                for (int i = 0; i < values.size(); i++) {
                    field(name, values.get(i));
                }
            }
        }
        return block.flip();
    }

    private void status(String status) {
        int known = StaticTable.indexOfStatus(status);
        if (known > 0) {
            block.put((byte) (INDEXED | known));
        } else {
            number(0, 4, StaticTable.STATUS);
            value(status);
        }
    }

    /** Literal, without indexing (RFC 7541, section 6.2.2). */
    private void field(HttpString name, String value) {
        room(3 * LONGEST_NUMBER + name.length() + value.length());
        int known = StaticTable.indexOf(name);
        number(0, 4, known);
        if (known == 0) {
            number(0, 7, name.length());
            for (int i = 0; i < name.length(); i++) {
                byte b = name.byteAt(i);
                block.put(b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b);
            }
        }
        value(value);
    }

    private void value(String value) {
        number(0, 7, value.length());
        for (int i = 0; i < value.length(); i++) {
            block.put((byte) value.charAt(i));
        }
    }

    /** RFC 7541, section 5.1. */
    private void number(int pattern, int prefix, int number) {
        int mask = (1 << prefix) - 1;
        if (number < mask) {
            block.put((byte) (pattern | number));
            return;
        }
        block.put((byte) (pattern | mask));
        int left = number - mask;
        while (left >= 0x80) {
            block.put((byte) ((left & 0x7f) | 0x80));
            left >>= 7;
        }
        block.put((byte) left);
    }

    private void room(int needed) {
        if (block.remaining() < needed) {
            int capacity = Math.max(2 * block.capacity(), block.position() + needed);
            block = ByteBuffer.allocate(capacity).put(block.flip());
        }
    }
}
