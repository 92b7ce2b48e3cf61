package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HeapSize;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a response, byte by byte as it comes (RFC 9112, sections 4 and 5), and refuses what it would have to guess: bare CR
 * or LF, folded lines, blanks before a colon, bytes that no field has. Never throws, whatever the bytes are. For one thread.
 */
public final class ResponseParser {
    private static final int MOST_HEAD_BYTES = 64 * 1024;
    /** No more than the server can pass on under one name. */
    private static final int MOST_LINES = 128;
    /** Of heap, for a line's places in the lists that it goes through. */
    private static final int LINE_BYTES = 64;

    private static final int LEAST_TEXT = 256;

    private static final byte[] VERSION = "HTTP/1.".getBytes(ISO_8859_1);
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int REASON_AT = STATUS_AT + 3;

    private enum State {
        STATUS,
        STATUS_LF,
        LINE,
        NAME,
        BEFORE_VALUE,
        VALUE,
        VALUE_LF,
        END_LF,
        DONE,
        FAULTY
    }

    private State state = State.STATUS;
    private @Nullable FramingFault fault;
    private byte[] text = new byte[LEAST_TEXT];
    private int length;
    private int trimmed;
    private int headBytes;
    private long fieldBytes;
    private int lines;
    private int status;
    private boolean http11;
    private String name = "";
    private FieldList.Builder fields = FieldList.builder();

    /** Ready for the next head. */
    public void reset() {
        state = State.STATUS;
        fault = null;
        length = 0;
        headBytes = 0;
        fieldBytes = 0;
        lines = 0;
        status = 0;
        fields = FieldList.builder();
    }

    /**
     * Goes on reading.
     *
     * @return the index behind the head once it is {@linkplain #isDone() done}, else behind what was read
     */
    public int parse(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && state != State.DONE && state != State.FAULTY) {
            step(bytes.get(at++));
            if (++headBytes > MOST_HEAD_BYTES && state != State.DONE) {
                fail(FramingFault.HEAD_TOO_LARGE);
            }
        }
        if (state == State.DONE && text.length > LEAST_TEXT) { // the fields have their own
            text = new byte[LEAST_TEXT];
        }
        return at;
    }

    private void step(byte b) {
        switch (state) {
            case STATUS -> statusLine(b);
            case STATUS_LF -> expect(b, '\n', State.LINE, FramingFault.STATUS_LINE);
            case LINE -> line(b);
            case NAME -> name(b);
            case BEFORE_VALUE -> {
                if (!Octets.isBlank(b)) {
                    state = State.VALUE;
                    value(b);
                }
            }
            case VALUE -> value(b);
            case VALUE_LF -> expect(b, '\n', State.LINE, FramingFault.FIELD_VALUE);
            default -> expect(b, '\n', State.DONE, FramingFault.FIELD_NAME);
        }
    }

    private void statusLine(byte b) {
        if (b == '\r' && length >= REASON_AT) {
            state = State.STATUS_LF;
            return;
        }
        boolean right = isRight(b);
        if (!right) {
            fail(FramingFault.STATUS_LINE);
            return;
        }
        if (length == VERSION.length) {
            http11 = b != '0';
        } else if (length >= STATUS_AT && length < REASON_AT) {
            status = status * 10 + (b - '0');
        }
        length++; // the reason is not kept
        if (length == REASON_AT && status < 100) {
            fail(FramingFault.STATUS_LINE);
        }
    }

    private boolean isRight(byte b) {
        if (length < VERSION.length) {
            return b == VERSION[length];
        }
        if (length == VERSION.length) {
            return Octets.isDigit(b);
        }
        if (length == STATUS_AT - 1 || length == REASON_AT) {
            return b == ' ';
        }
        return length < REASON_AT ? Octets.isDigit(b) : Octets.isValue(b);
    }

    private void line(byte b) {
        length = 0;
        trimmed = 0;
        if (b == '\r') {
            state = State.END_LF;
        } else if (Octets.isBlank(b)) {
            fail(FramingFault.EARLY_BLANK);
        } else if (!Octets.isToken(b)) {
            fail(FramingFault.FIELD_NAME);
        } else if (++lines > MOST_LINES) {
            fail(FramingFault.TOO_MANY_FIELDS);
        } else {
            state = State.NAME;
            keep(b);
        }
    }

    private void name(byte b) {
        if (Octets.isToken(b)) {
            keep(b);
        } else if (b == ':') {
            name = new String(text, 0, length, ISO_8859_1);
            length = 0;
            trimmed = 0;
            state = State.BEFORE_VALUE;
        } else {
            fail(FramingFault.FIELD_NAME);
        }
    }

    private void value(byte b) {
        if (b == '\r') {
            String value = new String(text, 0, trimmed, ISO_8859_1);
            fields.add(name, value);
            fieldBytes += LINE_BYTES + HeapSize.ofString(name) + HeapSize.ofString(value);
            state = State.VALUE_LF;
        } else if (Octets.isValue(b)) {
            keep(b);
            trimmed = Octets.isBlank(b) ? trimmed : length;
        } else {
            fail(FramingFault.FIELD_VALUE);
        }
    }

    private void keep(byte b) {
        if (length == text.length) {
            text = Arrays.copyOf(text, 2 * length);
        }
        text[length++] = b;
    }

    private void expect(byte b, char expected, State next, FramingFault otherwise) {
        if (b == expected) {
            state = next;
        } else {
            fail(otherwise);
        }
    }

    private void fail(FramingFault found) {
        fault = found;
        state = State.FAULTY;
    }

    /** Whether a byte of a head has come since the last {@link #reset}. */
    public boolean hasBegun() {
        return state != State.STATUS || length > 0;
    }

    /** About how many bytes of heap the head takes, as far as it has come. */
    public long heapBytes() {
        return text.length + fieldBytes;
    }

    /** Whether the head is complete. */
    public boolean isDone() {
        return state == State.DONE;
    }

    /** What is wrong with the head; null while nothing is. */
    public @Nullable FramingFault fault() {
        return fault;
    }

    /** Three digits, the first of them not 0. */
    public int status() {
        return status;
    }

    public boolean isHttp11() {
        return http11;
    }

    /** All field lines, as they came. */
    public FieldList fields() {
        return fields.build();
    }
}
