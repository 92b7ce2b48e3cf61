package dev.lastref.http.message;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the first line of a request, byte by byte (RFC 9112, section 3), and what of its target the server's parser takes for
 * something else.
 *
 * <pre>
 *  METHOD ─► TARGET ─► VERSION ─► LF ─► OVER
 * </pre>
 *
 * <p>For one thread at a time.
 */
final class RequestLine {
    /** The target's query was empty. */
    static final int EMPTY_QUERY = 1;
    /** The target's query began with another question mark. */
    static final int QUESTION_DROPPED = 2;

    private static final int MOST_METHOD_BYTES = 32;
    /** A name of 253 bytes, and what is around it. */
    private static final int MOST_AUTHORITY_BYTES = 300;

    private static final long OPTIONS = packed("OPTIONS");
    private static final long CONNECT = packed("CONNECT");

    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '0', '.', '0'};
    private static final int MAJOR = 5;
    private static final int MINOR = 7;

    private enum State {
        METHOD,
        TARGET,
        VERSION,
        LF,
        OVER
    }

    private final PortColon port = new PortColon();
    /** Of a target in absolute form, up to its path: seldom there. */
    private final StringBuilder origin = new StringBuilder(0);

    private final int mostTargetBytes;

    private State state = State.OVER;
    private int partBytes;
    /** The last eight bytes. */
    private long method;

    private int targetBytes;
    private boolean absolute;
    private byte firstOfTarget;
    private int slashes;
    /** Digits that are to come behind a percent sign. */
    private int digitsDue;

    private int queryBytes;
    private int queryFacts;
    private boolean http11;

    RequestLine(int mostTargetBytes) {
        this.mostTargetBytes = mostTargetBytes;
    }

    /** Another line begins. */
    void begin() {
        state = State.METHOD;
        partBytes = 0;
        method = 0;
        absolute = false;
        queryBytes = -1;
        queryFacts = 0;
    }

    private static long packed(String name) {
        long packed = 0;
        for (int i = 0; i < name.length(); i++) {
            packed = packed << Byte.SIZE | name.charAt(i);
        }
        return packed;
    }

    /** Takes the next byte; returns what is wrong with it, null if nothing is. */
    @Nullable
    FramingFault step(byte b) {
        return switch (state) {
            case METHOD -> method(b);
            case TARGET -> target(b);
            case VERSION -> version(b);
            default -> {
                state = State.OVER;
                yield b == '\n' ? null : FramingFault.REQUEST_LINE;
            }
        };
    }

    /** Goes over bytes of a target in origin form that neither end it nor begin its query; returns where there is another, or {@code to}. */
    int ordinary(ByteBuffer bytes, int from, int to) {
        if (state != State.TARGET || absolute || partBytes == 0 || queryBytes == 0 || digitsDue > 0) {
            return from;
        }
        boolean inQuery = queryBytes > 0;
        int most = Math.min(to, from + mostTargetBytes - partBytes);
        int at = from;
        while (at < most && isOrdinary(bytes.get(at), inQuery)) {
            at++;
        }
        partBytes += at - from;
        if (inQuery && at > from) {
            queryBytes += at - from;
            queryFacts &= QUESTION_DROPPED;
        }
        return at;
    }

    private @Nullable FramingFault method(byte b) {
        if (Octets.isToken(b)) {
            method = method << Byte.SIZE | b;
            return ++partBytes > MOST_METHOD_BYTES ? FramingFault.METHOD_TOO_LONG : null;
        }
        return b == ' ' && partBytes > 0 ? next(State.TARGET) : FramingFault.REQUEST_LINE;
    }

    private @Nullable FramingFault next(State next) {
        state = next;
        partBytes = 0;
        return null;
    }

    private static boolean isOrdinary(byte b, boolean inQuery) {
        return Octets.isTarget(b) && b != '%' && (inQuery || b != '?');
    }

    private @Nullable FramingFault target(byte b) {
        if (b == ' ' && partBytes > 0) {
            targetBytes = partBytes;
            return digitsDue > 0 ? FramingFault.PERCENT : next(State.VERSION);
        }
        if (!Octets.isTarget(b)) {
            return FramingFault.REQUEST_LINE;
        }
        if (partBytes == 0) {
            absolute = b != '/' && b != '*';
            firstOfTarget = b;
            slashes = 0;
            digitsDue = 0;
            origin.setLength(0);
        }
        if (absolute && !absolute(b)) {
            return FramingFault.TARGET;
        }
        query(b);
        if (++partBytes > mostTargetBytes) {
            return FramingFault.TARGET_TOO_LONG;
        }
        return percent(b);
    }

    /** Returns false if it goes on for longer than any host does. */
    private boolean absolute(byte b) {
        if (b == '/') {
            slashes++;
            port.reset();
        } else {
            port.add(b);
        }
        if (slashes <= 2 && queryBytes < 0 && b != '?') {
            origin.append((char) (b & 0xff));
        }
        return origin.length() <= MOST_AUTHORITY_BYTES;
    }

    /** RFC 3986, section 2.1. */
    private @Nullable FramingFault percent(byte b) {
        if (digitsDue > 0) {
            digitsDue--;
            return Octets.isHex(b) ? null : FramingFault.PERCENT;
        }
        digitsDue = b == '%' ? 2 : 0;
        return null;
    }

    /** Whether the target is of a form that the method takes (RFC 9112, section 3.2); the server would refuse most others without a word. */
    private boolean isTargetOfMethod() {
        if (method == CONNECT) {
            return RequestTarget.isAuthorityForm(origin.toString());
        }
        if (firstOfTarget == '*') {
            return targetBytes == 1 && method == OPTIONS;
        }
        return !absolute || RequestTarget.isAbsoluteHttp(origin.toString());
    }

    private void query(byte b) {
        if (queryBytes >= 0) {
            queryFacts =
                    queryBytes++ > 0 ? queryFacts & QUESTION_DROPPED : b == '?' ? QUESTION_DROPPED | EMPTY_QUERY : 0;
        } else if (b == '?') {
            queryBytes = 0;
            queryFacts = EMPTY_QUERY;
        }
    }

    private @Nullable FramingFault version(byte b) {
        if (partBytes == VERSION.length) {
            if (b != '\r') {
                return FramingFault.REQUEST_LINE;
            }
            return isTargetOfMethod() ? next(State.LF) : FramingFault.TARGET;
        }
        boolean number = partBytes == MAJOR || partBytes == MINOR;
        if (number ? !Octets.isDigit(b) : b != VERSION[partBytes]) {
            return FramingFault.REQUEST_LINE;
        }
        if (partBytes == MAJOR && b != '1') {
            return FramingFault.VERSION;
        }
        if (partBytes == MINOR) {
            http11 = b != '0';
        }
        partBytes++;
        return null;
    }

    /** Whether all of it was there, and right. */
    boolean isOver() {
        return state == State.OVER;
    }

    /** Whether a colon that came next would be the one in front of a port: in the authority of a target in absolute form. */
    boolean isAtPortColon() {
        return state == State.TARGET && absolute && slashes == 2 && queryBytes < 0 && port.is((byte) ':');
    }

    /** Whether the target is in absolute form (RFC 9112, section 3.2.2). */
    boolean isAbsolute() {
        return absolute;
    }

    /** The target's first byte: of one in absolute form a letter. */
    byte firstOfTarget() {
        return firstOfTarget;
    }

    /** {@link #EMPTY_QUERY} and {@link #QUESTION_DROPPED}, if there is anything of that. */
    int queryFacts() {
        return queryFacts;
    }

    /** Whether the version is one of HTTP/1 behind 1.0. */
    boolean isHttp11() {
        return http11;
    }
}
