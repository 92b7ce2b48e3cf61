package dev.lastref.http.http2;

import java.nio.ByteBuffer;

/** What may stand behind a payload to hide its length (RFC 9113, sections 6.1 and 6.2). */
final class Padding {
    private Padding() {}

    /** Takes the length of the padding off the front, if there is one. */
    static int of(int flags, ByteBuffer payload) throws ConnectionFault {
        if (!Frames.has(flags, Frames.PADDED)) {
            return 0;
        }
        if (!payload.hasRemaining()) {
            throw new ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a padded frame without its padding's length");
        }
        return payload.get() & 0xff;
    }

    /** Takes the padding off the end. */
    static void strip(int padding, ByteBuffer payload) throws ConnectionFault {
        if (padding > payload.remaining()) {
            throw new ConnectionFault(ErrorCode.PROTOCOL_ERROR, "more padding than payload");
        }
        payload.limit(payload.limit() - padding);
    }
}
