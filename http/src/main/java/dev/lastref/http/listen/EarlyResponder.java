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
     * @param bytes has the request from {@code from} on, and perhaps others behind it, up to, not including, {@code to}
     * @return where the request ends that is answered, or whose answer is {@linkplain #isSending() on its way}; {@code from}: nothing
     *     was done
     * @throws IOException if the client is gone
     */
    int answer(ByteBuffer bytes, int from, int to) throws IOException;

    /** Whether the client has yet to take a part of the last answer. {@link StrictSource#proceed()} tells when it has. */
    boolean isSending();

    /** The connection is closed: what is on its way is given up. On whichever thread closed it. */
    void closed();
}
