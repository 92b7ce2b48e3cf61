package dev.lastref.http.early;

import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes the head of one response after the other, for one thread. */
final class HeadWriter {
    private static final int LONGEST = 16 * 1024;
    private static final byte[] OK = "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes = new byte[LONGEST];
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(LONGEST);
    private int length;
    private boolean tooLong;

    HeadWriter begin(int status) {
        tooLong = false;
        if (status == StatusCodes.OK) {
            System.arraycopy(OK, 0, bytes, 0, OK.length);
            length = OK.length;
        } else {
            length = 0;
            put("HTTP/1.1 ");
            put(status);
            put(" ");
            put(StatusCodes.getReason(status));
            put("\r\n");
        }
        return this;
    }

    /** Begins it with what {@link #copy} has taken. */
    HeadWriter begin(byte[] written) {
        tooLong = false;
        System.arraycopy(written, 0, bytes, 0, written.length);
        length = written.length;
        return this;
    }

    /** What there is of it; null: it is larger than that, or did not fit. */
    byte @Nullable [] copy(int most) {
        return tooLong || length > most ? null : Arrays.copyOf(bytes, length);
    }

    HeadWriter line(String name, String value) {
        put(name);
        put(": ");
        put(value);
        put("\r\n");
        return this;
    }

    HeadWriter line(String name, long value) {
        put(name);
        put(": ");
        put(value);
        put("\r\n");
        return this;
    }

    /** Text and a number as one value. */
    HeadWriter line(String name, String before, long number) {
        put(name);
        put(": ");
        put(before);
        put(number);
        put("\r\n");
        return this;
    }

    // It takes the low byte of each character, which is what fields are made of (ISO 8859-1), and makes nothing on the
    // way.
    @SuppressWarnings("deprecation")
    private void put(String text) {
        int n = text.length();
        if (n > LONGEST - length) {
            tooLong = true;
        } else {
            text.getBytes(0, n, bytes, length);
            length += n;
        }
    }

    private void put(long number) {
        if (number < 0 || LONGEST - length < 20) {
            put(Long.toString(number));
            return;
        }
        int end = length + 1;
        for (long left = number / 10; left > 0; left /= 10) {
            end++;
        }
        length = end;
        long left = number;
        do {
            bytes[--end] = (byte) ('0' + left % 10);
            left /= 10;
        } while (left > 0);
    }

    /** Whether it did not fit, and is of no use. */
    boolean isTooLong() {
        return tooLong || length + 2 > LONGEST;
    }

    /** The whole head, in a direct buffer that is good until the next one begins. */
    ByteBuffer end() {
        bytes[length++] = '\r';
        bytes[length++] = '\n';
        return buffer.clear().put(bytes, 0, length).flip();
    }
}
