package dev.lastref.http.http2;

/**
 * How much content the client takes, of one stream or of all (RFC 9113, section 5.2): what is sent takes from it, and the client opens it
 * again. It may be negative (section 6.9.2). In bytes; for the connection's I/O thread.
 */
final class SendWindow {
    private long left;

    SendWindow(long left) {
        this.left = left;
    }

    long left() {
        return left;
    }

    void sent(int bytes) {
        left -= bytes;
    }

    /** Returns whether it stays within what it may be. */
    boolean open(long by) {
        left += by;
        return left <= Frames.LARGEST_WINDOW;
    }
}
