package dev.lastref.http.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.undertow.protocols.http2.HPackHuffman;
import io.undertow.protocols.http2.HpackException;
import java.nio.ByteBuffer;

/**
 * Decodes the field blocks of one connection, in their order (HPACK, RFC 7541). Its table holds 4096 bytes at most, as RFC 7541,
 * section 4.1, counts them. Strict: what is no block ends the connection, since after it nobody knows the table.
 *
 * <p>What a block expands to is for the receiver to bound; one that counts, and keeps nothing beyond its bound, bounds all.
 */
final class FieldDecoder {
    /** Takes fields as they come. Values have one character for each byte. */
    interface Receiver {
        void field(String name, String value);
    }

    private static final int TABLE_BYTES = 4096;
    private static final int ENTRY_OVERHEAD = 32;
    /** As many entries as there can be, each of at least the overhead. */
    private static final int SLOTS = TABLE_BYTES / ENTRY_OVERHEAD;

    private static final int MOST_SHIFT = 21;

    private final String[] names = new String[SLOTS];
    private final String[] values = new String[SLOTS];
    private final StringBuilder text = new StringBuilder();
    /** Where the next entry goes. */
    private int next;

    private int entries;
    private int bytes;
    private int mostBytes = TABLE_BYTES;

    /** Decodes one block, all of it. */
    void decode(ByteBuffer block, Receiver to) throws ConnectionFault {
        boolean mayResize = true;
        while (block.hasRemaining()) {
            int first = block.get() & 0xff;
            if (first >= 0x80) {
                int index = integer(block, first, 7);
                to.field(name(index), value(index));
            } else if (first >= 0x40) {
                String name = name(block, first, 6);
                String value = string(block);
                to.field(name, value);
                add(name, value);
            } else if (first >= 0x20) {
                if (!mayResize) {
                    throw fault("a change of the table's size within a block");
                }
                resize(integer(block, first, 5));
                continue;
            } else {
                String name = name(block, first, 4);
                to.field(name, string(block));
            }
            mayResize = false;
        }
    }

    private String name(ByteBuffer block, int first, int prefix) throws ConnectionFault {
        int index = integer(block, first, prefix);
        return index == 0 ? string(block) : name(index);
    }

    private String name(int index) throws ConnectionFault {
        return index > 0 && index <= StaticTable.LENGTH ? StaticTable.name(index) : names[slot(index)];
    }

    private String value(int index) throws ConnectionFault {
        return index > 0 && index <= StaticTable.LENGTH ? StaticTable.value(index) : values[slot(index)];
    }

    /** The first index behind the static table is the newest entry (RFC 7541, section 2.3.3). */
    private int slot(int index) throws ConnectionFault {
        int back = index - StaticTable.LENGTH;
        if (index <= 0 || back > entries) {
            throw fault("an index that is not in the table");
        }
        return Math.floorMod(next - back, SLOTS);
    }

    private static int integer(ByteBuffer block, int first, int prefix) throws ConnectionFault {
        int mask = (1 << prefix) - 1;
        int number = first & mask;
        if (number < mask) {
            return number;
        }
        for (int shift = 0; shift <= MOST_SHIFT; shift += 7) {
            if (!block.hasRemaining()) {
                throw fault("a number that is cut off");
            }
            int part = block.get() & 0xff;
            number += (part & 0x7f) << shift;
            if (part < 0x80) {
                return number;
            }
        }
        throw fault("a number that is too large");
    }

    private String string(ByteBuffer block) throws ConnectionFault {
        if (!block.hasRemaining()) {
            throw fault("a field that is cut off");
        }
        int first = block.get() & 0xff;
        int length = integer(block, first, 7);
        if (length > block.remaining()) {
            throw fault("a string that is cut off");
        }
        if (first >= 0x80) {
            return decoded(block, length);
        }
        byte[] raw = new byte[length];
        block.get(raw);
        return new String(raw, ISO_8859_1);
    }

    private String decoded(ByteBuffer block, int length) throws ConnectionFault {
        try {
            HPackHuffman.decode(block, length, text);
            return text.toString();
        } catch (HpackException e) {
            throw fault("a string that is no Huffman code");
        } finally {
            text.setLength(0);
        }
    }

    private void add(String name, String value) {
        int size = ENTRY_OVERHEAD + name.length() + value.length();
        evictTo(mostBytes - size);
        if (size <= mostBytes) {
            names[next] = name;
            values[next] = value;
            next = (next + 1) % SLOTS;
            entries++;
            bytes += size;
        }
    }

    private void resize(int size) throws ConnectionFault {
        if (size > TABLE_BYTES) {
            throw fault("a table larger than agreed");
        }
        mostBytes = size;
        evictTo(size);
    }

    private void evictTo(int limit) {
        while (entries > 0 && bytes > limit) {
            int oldest = Math.floorMod(next - entries, SLOTS);
            bytes -= ENTRY_OVERHEAD + names[oldest].length() + values[oldest].length();
            names[oldest] = "";
            values[oldest] = "";
            entries--;
        }
    }

    private static ConnectionFault fault(String reason) {
        return new ConnectionFault(ErrorCode.COMPRESSION_ERROR, reason);
    }
}
