package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The few fields of a request's head that say where it ends and whom it is for, gathered byte by byte: Content-Length,
 * Transfer-Encoding, Host, Connection and Upgrade.
 */
final class FramingFields {
    private static final int LONGEST_NAME = "transfer-encoding".length();
    /** A host's name has 253 bytes at most (RFC 1035, section 2.3.4), and perhaps a port. */
    private static final int LONGEST_VALUE = 260;

    private static final int MOST_DIGITS = 18;

    private enum Kind {
        OTHER(""),
        LENGTH("content-length"),
        CODING("transfer-encoding"),
        HOST("host"),
        CONNECTION("connection"),
        UPGRADE("upgrade");

        private final String name;

        Kind(String name) {
            this.name = name;
        }

        static Kind of(byte[] name, int length) {
            for (Kind kind : KINDS) {
                if (kind.name.length() == length && isAt(name, 0, kind.name)) {
                    return kind;
                }
            }
            return OTHER;
        }
    }

    private static final Kind[] KINDS = Kind.values();

    private final byte[] name = new byte[LONGEST_NAME];
    private final byte[] value = new byte[LONGEST_VALUE];
    /** The last Host that was one: nearly all requests of a connection have the same. */
    private byte[] host = {};

    private int nameLength;
    private int valueLength;
    private int trimmedLength;
    private Kind kind = Kind.OTHER;

    private int lengths;
    private int codings;
    private int hosts;
    private long length;
    private boolean chunked;
    private boolean connectionUpgrade;
    private boolean upgradable;

    void reset() {
        lengths = 0;
        codings = 0;
        hosts = 0;
        length = 0;
        chunked = false;
        connectionUpgrade = false;
        upgradable = false;
    }

    void startOfLine() {
        nameLength = 0;
        valueLength = 0;
        trimmedLength = 0;
        kind = Kind.OTHER;
    }

    void name(byte b) {
        if (nameLength < LONGEST_NAME) {
            name[nameLength] = Octets.lower(b);
        }
        nameLength++;
    }

    /** Takes what there is of a name; returns where it ends, or {@code to}. */
    int name(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && Octets.isToken(bytes.get(at))) {
            name(bytes.get(at));
            at++;
        }
        return at;
    }

    void endOfName() {
        kind = nameLength <= LONGEST_NAME ? Kind.of(name, nameLength) : Kind.OTHER;
    }

    boolean isOfInterest() {
        return kind != Kind.OTHER;
    }

    boolean isHost() {
        return kind == Kind.HOST;
    }

    int valueLength() {
        return valueLength;
    }

    void value(byte b) {
        if (valueLength < LONGEST_VALUE) {
            value[valueLength] = Octets.lower(b);
        }
        valueLength++;
        if (!Octets.isBlank(b)) {
            trimmedLength = valueLength;
        }
    }

    /** What is wrong with the line that ends; null if nothing is. */
    @Nullable
    FramingFault endOfLine() {
        switch (kind) {
            case LENGTH -> {
                lengths++;
                length = number();
                return length < 0 || lengths > 1 ? FramingFault.LENGTH : null;
            }
            case CODING -> {
                codings++;
                chunked = trimmedLength == "chunked".length() && isAt(value, 0, "chunked");
            }
            case HOST -> hosts++;
            case CONNECTION -> connectionUpgrade |= hasMember("upgrade");
            case UPGRADE ->
                upgradable |= !Protocols.passable(List.of(wholeMembers())).isEmpty();
            case OTHER -> {}
        }
        return null;
    }

    /** Whether the line that ends, a Host, names a host, and perhaps a port. */
    boolean namesHost() {
        if (valueLength > 0
                && valueLength == host.length
                && Arrays.equals(value, 0, valueLength, host, 0, valueLength)) {
            return true;
        }
        if (trimmedLength > LONGEST_VALUE
                || !RequestTarget.isAuthority(new String(value, 0, trimmedLength, ISO_8859_1))) {
            return false;
        }
        host = Arrays.copyOf(value, trimmedLength);
        return true;
    }

    private static boolean isAt(byte[] bytes, int from, String expected) {
        for (int i = 0; i < expected.length(); i++) {
            if (bytes[from + i] != expected.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private long number() {
        if (trimmedLength == 0 || trimmedLength > MOST_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < trimmedLength; i++) {
            if (!Octets.isDigit(value[i])) {
                return -1;
            }
            number = number * 10 + (value[i] - '0');
        }
        return number;
    }

    private boolean hasMember(String member) {
        int end = Math.min(valueLength, LONGEST_VALUE);
        int from = 0;
        while (from < end) {
            int to = from;
            while (to < end && value[to] != ',') {
                to++;
            }
            int first = from;
            int last = to;
            while (first < last && Octets.isBlank(value[first])) {
                first++;
            }
            while (last > first && Octets.isBlank(value[last - 1])) {
                last--;
            }
            if (last - first == member.length() && isAt(value, first, member)) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }

    /** The list as far as it was kept, in lower case; a member that was not kept to its end is none. */
    private String wholeMembers() {
        String kept = new String(value, 0, Math.min(valueLength, LONGEST_VALUE), ISO_8859_1);
        return valueLength <= LONGEST_VALUE ? kept : kept.substring(0, kept.lastIndexOf(',') + 1);
    }

    // ---- at the end of the head

    @Nullable
    FramingFault faultOf(boolean http11) {
        if (codings > 0 && lengths > 0) {
            return FramingFault.LENGTH_AND_CODING;
        }
        if (codings > 1) {
            return FramingFault.CODINGS;
        }
        if (codings > 0 && !http11) {
            return FramingFault.CODING_IN_HTTP_1_0;
        }
        if (codings > 0 && !chunked) {
            return FramingFault.CODING;
        }
        if (hosts > 1) {
            return FramingFault.HOSTS;
        }
        return http11 && hosts == 0 ? FramingFault.NO_HOST : null;
    }

    long length() {
        return length;
    }

    boolean isChunked() {
        return chunked;
    }

    /** Whether it asks for a protocol that may be passed on, and has no content (RFC 9110, section 7.8). */
    boolean asksToUpgrade() {
        return connectionUpgrade && upgradable && codings == 0 && length == 0;
    }
}
