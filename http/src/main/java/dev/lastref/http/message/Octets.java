package dev.lastref.http.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What kinds of bytes there are in a message's head (RFC 9110, section 5.6.2; RFC 9112, sections 3 and 5; RFC 3986, appendix A). */
final class Octets {
    private static final int TOKEN = 1;
    private static final int TARGET = 2;
    private static final int VALUE = 4;
    private static final int DIGIT = 8;
    private static final int HEX = 16;

    private static final byte[] KINDS = new byte[256];

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** In each of eight bytes. */
    private static final long ONES = 0x0101_0101_0101_0101L;

    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long BLANKS = ' ' * ONES;
    private static final long DELETES = 0x7f * ONES;

    static {
        for (int b = 0; b < 256; b++) {
            boolean digit = b >= '0' && b <= '9';
            boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
            boolean visible = b > ' ' && b < 0x7f;
            int kind = 0;
            kind |= digit ? DIGIT | HEX : 0;
            kind |= (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F') ? HEX : 0;
            kind |= digit || letter || (visible && "!#$%&'*+-.^_`|~".indexOf(b) >= 0) ? TOKEN : 0;
            kind |= visible || b >= 0x80 || b == ' ' || b == '\t' ? VALUE : 0;
            // More than RFC 3986 allows: browsers send {, | and } as they are, older clients bytes above 0x7f, and who
            // passes them on unchanged merges nothing. A fragment is not sent; what has one means something else.
            kind |= (visible && b != '#') || b >= 0x80 ? TARGET : 0;
            KINDS[b] = (byte) kind;
        }
    }

    private Octets() {}

    /** Of a method or a field's name. */
    static boolean isToken(byte b) {
        return (KINDS[b & 0xff] & TOKEN) != 0;
    }

    static boolean isTarget(byte b) {
        return (KINDS[b & 0xff] & TARGET) != 0;
    }

    /** Where there is a byte that is none of a token; {@code bytes} have one from {@code from} on. */
    static int endOfToken(byte[] bytes, int from) {
        int at = from;
        while (isToken(bytes[at])) {
            at++;
        }
        return at;
    }

    /** Where there is a byte that is none of a target, or a percent sign; {@code bytes} have one from {@code from} on. */
    static int endOfTarget(byte[] bytes, int from) {
        int at = from;
        while (isTarget(bytes[at]) && bytes[at] != '%') {
            at++;
        }
        return at;
    }

    /** Of a field's value, blanks included. */
    static boolean isValue(byte b) {
        return (KINDS[b & 0xff] & VALUE) != 0;
    }

    /** Where there is a byte that is none of a field's value, or {@code to}. */
    static int endOfValue(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && isValue(bytes.get(at))) {
            at++;
        }
        return at;
    }

    /**
     * Where there is a byte that is none of a field's value.
     *
     * @param bytes have one from {@code from} on
     */
    static int endOfValue(byte[] bytes, int from) {
        int at = from;
        while (at <= bytes.length - Long.BYTES && areVisible((long) LONG.get(bytes, at))) {
            at += Long.BYTES;
        }
        while (isValue(bytes[at])) {
            at++;
        }
        return at;
    }

    /** Whether none of eight bytes is a control character, be it a tab, which a value may have. */
    private static boolean areVisible(long eight) {
        long deletes = eight ^ DELETES;
        return ((((eight - BLANKS) & ~eight) | ((deletes - ONES) & ~deletes)) & HIGH_BITS) == 0;
    }

    static boolean isDigit(byte b) {
        return (KINDS[b & 0xff] & DIGIT) != 0;
    }

    static boolean isHex(byte b) {
        return (KINDS[b & 0xff] & HEX) != 0;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
    }

    /** The value of a hexadecimal digit. */
    static int hex(byte b) {
        return isDigit(b) ? b - '0' : lower(b) - 'a' + 10;
    }
}
