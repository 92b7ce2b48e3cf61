package dev.lastref.http.message;

/**
 * Finds the colon in front of the port of an authority, byte by byte: the first one behind a host, and not within the brackets of an
 * address (RFC 3986, section 3.2). The port may be empty (section 3.2.3).
 */
final class PortColon {
    private boolean hasHost;
    private boolean inBrackets;
    private boolean past;

    /** In front of an authority. */
    void reset() {
        hasHost = false;
        inBrackets = false;
        past = false;
    }

    /** Whether this byte, the next one of the authority, is the colon. */
    boolean is(byte b) {
        return b == ':' && hasHost && !inBrackets && !past;
    }

    /** Goes on by one byte of the authority. */
    void add(byte b) {
        past |= is(b);
        inBrackets = b == '[' || (inBrackets && b != ']');
        hasHost = true;
    }
}
