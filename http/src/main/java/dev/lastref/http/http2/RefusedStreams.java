package dev.lastref.http.http2;

import dev.lastref.http.log.Refusal;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.message.Http2Fields;
import io.undertow.util.Headers;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection that are reset by us: what the client hears of it, what may still be on its way for them, and, where
 * there is no exchange to do so, what is counted and logged. For the connection's I/O thread.
 */
final class RefusedStreams {
    private final InetAddress client;
    private final FrameOutput output;
    private final Refusals refusals;
    private final EndedEarly endedEarly = new EndedEarly();

    RefusedStreams(InetAddress client, FrameOutput output, Refusals refusals) {
        this.client = client;
        this.output = output;
        this.refusals = refusals;
    }

    /**
     * Resets one that does not run, or no more.
     *
     * @param ended whether its client has said all
     */
    void reset(int id, boolean ended, ErrorCode code) {
        output.number(Frames.RST_STREAM, id, code.code());
        if (!ended) {
            endedEarly.add(id);
        }
    }

    /** Whether a stream ended before its client had said all, so that the rest may have been on its way. */
    boolean mayBeOnItsWay(int id) {
        return endedEarly.has(id);
    }

    /**
     * A request is refused that there is no exchange for.
     *
     * @param status that was answered; 0: none was
     * @param bytes of the answer's content
     */
    void tell(Refusal why, Http2Fields request, int status, int bytes, String reason) {
        tell(
                why,
                RequestLog.forwardedFor(request.headers()),
                request.method(),
                request.headers().getFirst(Headers.HOST),
                request.target(),
                status,
                bytes,
                reason);
    }

    /** The connection is ended for what its client has sent. */
    void tell(Refusal why, String reason) {
        tell(why, null, null, null, null, 0, 0, reason);
    }

    private void tell(
            Refusal why,
            @Nullable String forwardedFor,
            @Nullable String method,
            @Nullable String host,
            @Nullable String target,
            int status,
            int bytes,
            String reason) {
        refusals.tell(
                why,
                new Refusals.Refused(
                        client,
                        forwardedFor,
                        method,
                        host,
                        target,
                        "HTTP/2.0",
                        status,
                        bytes,
                        reason,
                        /* sent= */ true));
    }
}
