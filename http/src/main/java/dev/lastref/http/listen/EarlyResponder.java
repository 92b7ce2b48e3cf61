package dev.lastref.http.listen;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Answers requests on one connection before the server has parsed them. Whatever it does not answer, the server gets as if nobody had
 * looked. For the connection's I/O thread.
 */
public interface EarlyResponder {
    /**
     * Answers a request, if it can.
     *
     * @param bytes has the request's head from {@code from} up to, not including, {@code to}: complete, well framed, and no content
     *     follows
     * @return whether it is answered, or the answer is {@linkplain #isSending() on its way}; false: nothing was done
     * @throws IOException if the client is gone
     */
    boolean answer(ByteBuffer bytes, int from, int to) throws IOException;

    /** Whether the client has yet to take a part of the last answer. {@link StrictSource#proceed()} tells when it has. */
    boolean isSending();

    /** The connection is closed: what is on its way is given up. On whichever thread closed it. */
    void closed();
}
