package dev.lastref.http.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The lines of a request's head that came in one piece: a GET of a path by HTTP/1.1, as most are. Goes over each byte once, where
 * {@link RequestScanner} can be interrupted at any of them. What it takes has lines that the scanner takes as well, and ends where that
 * says; what they mean, also to framing, is left to whoever knows all the fields. What it does not take may be right all the same.
 *
 * <p>Reused for one head after the other, by one thread. Nothing is allocated.
 */
public final class HeadLines {
    private static final int LONGEST = 8 * 1024;
    private static final int MOST_LINES = 64;
    private static final byte[] GET = "GET /".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTP_1_1 = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    /** Where the target begins. */
    private static final int TARGET = GET.length - 1;

    private final int longest;
    private final int longestTarget;
    private final int mostLines;
    /** The head, and behind it a byte that no line goes on with, so that none is looked for beyond it. */
    private final byte[] bytes;
    /** Of each line: where its name begins and ends, where its value begins and ends. */
    private final int[] lines;

    private int count;
    private int targetEnd;

    /** @param limits of the connections that heads come by; those that are too large are not taken */
    public HeadLines(HeadLimits limits) {
        longest = Math.min(LONGEST, limits.head());
        longestTarget = limits.target();
        mostLines = Math.min(MOST_LINES, limits.fields());
        bytes = new byte[longest + 1];
        lines = new int[4 * mostLines];
    }

    /**
     * Reads one.
     *
     * @param buffer has it from {@code from} on, and perhaps others behind it, up to, not including, {@code to}
     * @return where it ends; {@code from} if it is of another kind, something is wrong with it, or not all of it is there
     */
    public int read(ByteBuffer buffer, int from, int to) {
        int length = Math.min(to - from, longest);
        if (length < GET.length || !isGet(buffer, from)) {
            return from;
        }
        buffer.get(from, bytes, 0, length);
        bytes[length] = 0;
        return from + Math.max(0, requestLine());
    }

    /** Most of what others have to read ends here. */
    private static boolean isGet(ByteBuffer buffer, int from) {
        for (int i = 0; i < GET.length; i++) {
            if (buffer.get(from + i) != GET[i]) {
                return false;
            }
        }
        return true;
    }

    /** From here on: where the head ends, or -1. */
    private int requestLine() {
        int at = Octets.endOfTarget(bytes, TARGET);
        while (bytes[at] == '%' && Octets.isHex(bytes[at + 1]) && Octets.isHex(bytes[at + 2])) {
            at = Octets.endOfTarget(bytes, at + 3);
        }
        targetEnd = at;
        if (at - TARGET > longestTarget) {
            return -1;
        }
        for (byte expected : HTTP_1_1) {
            if (bytes[at++] != expected) {
                return -1;
            }
        }
        return fieldLines(at);
    }

    private int fieldLines(int from) {
        int at = from;
        int line = 0;
        while (bytes[at] != '\r') {
            int colon = Octets.endOfToken(bytes, at);
            if (bytes[colon] != ':' || colon == at || line == lines.length) {
                return -1;
            }
            int begin = colon + 1;
            while (Octets.isBlank(bytes[begin])) {
                begin++;
            }
            int end = Octets.endOfValue(bytes, begin);
            if (bytes[end] != '\r' || bytes[end + 1] != '\n') {
                return -1;
            }
            lines[line] = at;
            lines[line + 1] = colon;
            lines[line + 2] = begin;
            lines[line + 3] = withoutBlanks(begin, end);
            line += 4;
            at = end + 2;
        }
        count = line / 4;
        return bytes[at + 1] == '\n' ? at + 2 : -1;
    }

    private int withoutBlanks(int from, int end) {
        int to = end;
        while (to > from && Octets.isBlank(bytes[to - 1])) {
            to--;
        }
        return to;
    }

    /** The last head that was read, from its first byte on; what is behind it says nothing. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the target begins: path and query, as sent. */
    public int targetFrom() {
        return TARGET;
    }

    public int targetTo() {
        return targetEnd;
    }

    /** How many lines there are behind the request line. */
    public int count() {
        return count;
    }

    public int nameFrom(int line) {
        return lines[4 * line];
    }

    public int nameTo(int line) {
        return lines[4 * line + 1];
    }

    /** Where a line's value begins, without the blanks around it. */
    public int valueFrom(int line) {
        return lines[4 * line + 2];
    }

    public int valueTo(int line) {
        return lines[4 * line + 3];
    }
}
