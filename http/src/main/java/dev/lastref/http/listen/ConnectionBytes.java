package dev.lastref.http.listen;

/**
 * What a connection takes of the heap, in bytes: measured for thousands of them with the serial collector and compressed references, after a
 * full collection, and rounded up (docs/security.md has the figures). What their requests say, and the heads of what comes back, is counted for
 * itself.
 */
final class ConnectionBytes {
    /** One that was accepted, and the same while all its requests are answered early. */
    static final int OPEN = 1800;
    /** TLS, once it is agreed on. */
    private static final int OF_TLS = 5500;
    /** The same until then, in addition. */
    static final int OF_HANDSHAKE = 5500;

    static final int WITHIN_HANDSHAKE = OPEN + OF_TLS + OF_HANDSHAKE;
    /** From its first request that the server sees. */
    static final int OF_SERVER = 2300;
    /** From the preface of HTTP/2. */
    static final int HTTP2 = 3600;
    /** A request that runs: its exchange, the fetch that it waits for, and its place at the origin. */
    static final int REQUEST = 2500;

    private ConnectionBytes() {}
}
