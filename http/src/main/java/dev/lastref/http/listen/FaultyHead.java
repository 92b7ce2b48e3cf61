package dev.lastref.http.listen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.log.Refusal;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.message.FramingFault;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * The answer to a head that the server's parser does not get to see, and the end of its connection: what the client still sends is
 * read and dropped for a while, since closing at once could take the answer away from it again (RFC 9112, section 9.6).
 */
final class FaultyHead {
    private static final long LINGER_MILLIS = 2000;

    private final StreamConnection connection;
    private final Dropping rest;
    private XnioExecutor.@Nullable Key timer;

    private FaultyHead(StreamConnection connection, Dropping rest) {
        this.connection = connection;
        this.rest = rest;
    }

    /** Reads what the client still sends, and drops it. */
    interface Dropping {
        /** Returns -1 at its end, or when that is too far; else 0. */
        int drop() throws IOException;
    }

    /**
     * Answers, ends, and has it counted and logged. On the I/O thread, while nothing else is being sent on the connection.
     *
     * @param connection what the client reads
     * @param head what has come of it
     */
    static void refuse(
            ClientConnection client, StreamConnection connection, Dropping rest, HeadStart head, FramingFault fault) {
        // A response to HEAD has none (RFC 9110, section 9.3.2).
        String content = "HEAD".equals(head.method()) ? "" : content(fault);
        boolean sent = answerAndEnd(connection, rest, fault, content);
        client.refusals()
                .tell(
                        Refusal.of(fault.status()),
                        new Refusals.Refused(
                                client.client(),
                                head.forwardedFor(),
                                head.method(),
                                null,
                                head.target(),
                                head.protocol(),
                                fault.status(),
                                sent ? content.length() : 0,
                                fault.reason(),
                                sent));
    }

    /** Returns whether the client can get the answer. */
    private static boolean answerAndEnd(
            StreamConnection connection, Dropping rest, FramingFault fault, String content) {
        try {
            // The queue of a connection on which nothing is sent takes a few hundred bytes; if not, nobody reads them.
            connection.getSinkChannel().write(ByteBuffer.wrap((head(fault) + content).getBytes(ISO_8859_1)));
            connection.getSinkChannel().shutdownWrites();
            connection.getSinkChannel().flush();
        } catch (IOException clientIsGone) {
            IoUtils.safeClose(connection);
            return false;
        }
        new FaultyHead(connection, rest).linger();
        return true;
    }

    private static String status(FramingFault fault) {
        return fault.status() + " " + StatusCodes.getReason(fault.status());
    }

    /** What the answer has as content, in ASCII. */
    private static String content(FramingFault fault) {
        return status(fault) + ": " + fault.reason() + "\n";
    }

    private static String head(FramingFault fault) {
        return "HTTP/1.1 " + status(fault) + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                + content(fault).length()
                + (fault == FramingFault.NO_ROOM ? "\r\nRetry-After: 1" : "")
                + "\r\nCache-Control: no-store\r\nCache-Status: lastref; detail=refused\r\nDate: "
                + HttpDates.format(System.currentTimeMillis() / 1000) + "\r\nConnection: close\r\n\r\n";
    }

    private void linger() {
        try {
            timer = connection
                    .getIoThread()
                    .executeAfter(() -> IoUtils.safeClose(connection), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadEnds) {
            IoUtils.safeClose(connection);
            return;
        }
        ConduitStreamSourceChannel channel = connection.getSourceChannel();
        channel.setReadListener(ready -> drop());
        channel.resumeReads();
        drop();
    }

    private void drop() {
        try {
            if (rest.drop() == 0) {
                return;
            }
        } catch (IOException clientIsGone) {
            // then it reads nothing any more either
        }
        if (timer != null) {
            timer.remove();
        }
        IoUtils.safeClose(connection);
    }
}
