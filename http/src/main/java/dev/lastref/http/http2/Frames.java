package dev.lastref.http.http2;

/** The layout of frames, and their numbers (RFC 9113, sections 4.1, 6 and 11.2). */
final class Frames {
    // +-----------------------------------------------+
    // |                 Length (24)                   |
    // +---------------+---------------+---------------+
    // |   Type (8)    |   Flags (8)   |
    // +-+-------------+---------------+-------------------------------+
    // |R|                 Stream Identifier (31)                      |
    // +=+=============================================================+
    // |                   Frame Payload (0...)                      ...
    // +---------------------------------------------------------------+
    static final int HEADER_BYTES = 9;
    /** Of a payload; the least that everybody has to take, and the most that we do. */
    static final int MOST_PAYLOAD = 16_384;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int ACK = 0x1;
    static final int END_STREAM = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int HAS_PRIORITY = 0x20;

    static final int SETTINGS_ENABLE_PUSH = 2;
    static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
    static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    static final int SETTINGS_MAX_FRAME_SIZE = 5;
    static final int SETTINGS_MAX_HEADER_LIST_SIZE = 6;

    /** Of a stream and of a connection, until somebody says otherwise. */
    static final int INITIAL_WINDOW = 65_535;

    static final int LARGEST_WINDOW = Integer.MAX_VALUE;
    static final int LARGEST_STREAM = Integer.MAX_VALUE;

    private Frames() {}

    static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }
}
