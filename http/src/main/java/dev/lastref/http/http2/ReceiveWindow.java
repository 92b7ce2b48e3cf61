package dev.lastref.http.http2;

/**
 * How much content the client may send, of one stream or of all (RFC 9113, section 5.2): what comes takes from it, and it is opened again
 * by what has been read when that is half of it. In bytes; for the connection's I/O thread.
 */
final class ReceiveWindow {
    private final int size;
    private int left;
    /** And the client not told. */
    private int read;

    ReceiveWindow(int size) {
        this.size = size;
        left = size;
    }

    /** Content has come; returns whether there was room for it. */
    boolean received(int bytes) {
        left -= bytes;
        return left >= 0;
    }

    /** So much has been read, or dropped. */
    void read(int bytes) {
        read += bytes;
    }

    /** Opens it, if that is worth a frame; returns by how much the client is to be told, 0 if it is not. */
    int open() {
        if (read < size / 2) {
            return 0;
        }
        int by = read;
        left += by;
        read = 0;
        return by;
    }
}
