package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.ResponseHead;
import io.undertow.client.ClientExchange;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads a response's content, a buffer at a time, and offers it to the fetch. It waits where the fetch's readers have to take the
 * buffer first. The last buffer is held back until it is sure that the origin sent nothing behind it: what is longer than announced
 * must not look whole to anybody.
 */
final class ResponseBody {
    private static final System.Logger LOG = System.getLogger(ResponseBody.class.getName());
    /** Buffers read before other connections of this thread get their turn. */
    private static final int BUFFERS_A_TURN = 16;

    private final OriginCall call;
    private final ClientExchange exchange;
    private final StreamSourceChannel channel;
    private final ResponseHead head;
    private final boolean expected;
    private @Nullable PooledByteBuffer pooled;
    private long received;
    private boolean atEnd;
    private boolean reusable;
    private boolean offering;

    /**
     * @param expected whether the response is of a kind that has content
     */
    ResponseBody(OriginCall call, ClientExchange exchange, ResponseHead head, boolean expected) {
        this.call = call;
        this.exchange = exchange;
        this.channel = exchange.getResponseChannel();
        this.head = head;
        this.expected = expected;
    }

    void start() {
        if (call.isDone()) { // its only reader has gone with the head
            return;
        }
        if (!expected && head.fields().contains("Content-Length")) {
            // Undertow's client would wait for content where a 304 or 204 names a length; the connection ends here
            // instead.
            boolean ends = exchange.getRequest().getMethod().equals(io.undertow.util.Methods.HEAD) && isFinished();
            call.complete(ends);
            return;
        }
        channel.getReadSetter().set(ready -> read());
        read();
    }

    /** Reads the end of a response without content, so that the client knows that the exchange is over. */
    private boolean isFinished() {
        try {
            return channel.read(ByteBuffer.allocate(1)) == -1
                    && RawConnection.restOf(exchange.getConnection()) == RawConnection.Rest.NOTHING;
        } catch (IOException e) {
            return false;
        }
    }

    private void read() {
        // A wake-up for bytes that were pushed back arrives even after reads are suspended; readers look at the buffer
        // then.
        if (offering) {
            return;
        }
        try {
            for (int i = 0; i < BUFFERS_A_TURN && !call.isDone(); i++) {
                ByteBuffer buffer = buffer();
                buffer.clear();
                boolean dry = fill(buffer);
                buffer.flip();
                if (atEnd && !verifyEnd()) {
                    return;
                }
                if (buffer.hasRemaining() && !offer(buffer)) {
                    channel.suspendReads();
                    call.paused();
                    return;
                }
                if (atEnd) {
                    call.complete(reusable);
                    return;
                }
                if (dry) {
                    break;
                }
            }
            if (!call.isDone()) {
                channel.resumeReads();
            }
        } catch (IOException e) {
            broken(e);
        } catch (RuntimeException fault) { // clients wait for what comes of this
            LOG.log(System.Logger.Level.ERROR, "reading content", fault);
            call.fail(FetchFailure.INTERNAL, fault.toString());
        }
    }

    /** Reads until the buffer is full, the origin has no more for now, or the content ends. Returns whether it has no more. */
    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int n = channel.read(buffer);
            if (n > 0) {
                received += n;
                call.progressed();
            }
            if (n == -1 || received == head.length()) {
                atEnd = true;
                // Undertow's client only takes the exchange for over once it has said so; before that nothing can be
                // seen
                // of what lies behind.
                return n == -1 || channel.read(ByteBuffer.allocate(1)) == -1;
            }
            if (n == 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether the content ended as it should; if not, the call has failed. */
    private boolean verifyEnd() {
        if (head.hasKnownLength() && received < head.length()) {
            call.fail(FetchFailure.TOO_SHORT, received + " of " + head.length() + " bytes of content came");
            return false;
        }
        RawConnection.Rest rest = RawConnection.restOf(exchange.getConnection());
        if (rest == RawConnection.Rest.BYTES) {
            call.fail(FetchFailure.TOO_LONG, "more bytes came behind the " + received + " of the content");
            return false;
        }
        reusable =
                rest == RawConnection.Rest.NOTHING && exchange.getConnection().isOpen();
        return true;
    }

    private boolean offer(ByteBuffer buffer) {
        offering = true;
        boolean taken = atEnd
                ? call.fetch().offerLast(buffer, this::taken)
                : call.fetch().offer(buffer, this::taken);
        offering = !taken;
        return taken;
    }

    /** The readers are done with the buffer. Any thread. */
    private void taken() {
        call.thread().execute(() -> {
            offering = false;
            if (call.isDone()) {
                free();
            } else if (atEnd) {
                call.complete(reusable);
            } else {
                call.progressed();
                read();
            }
        });
    }

    void broken(IOException why) {
        boolean early = head.hasKnownLength() && received < head.length();
        call.fail(
                early ? FetchFailure.TOO_SHORT : FetchFailure.BROKEN, why + " after " + received + " bytes of content");
    }

    private ByteBuffer buffer() {
        PooledByteBuffer mine = pooled;
        if (mine == null) {
            mine = call.client().buffers().allocate();
            pooled = mine;
        }
        return mine.getBuffer();
    }

    /** Gives the buffer back, unless readers still look at it: the last of them does then. */
    void free() {
        PooledByteBuffer mine = pooled;
        if (mine != null && !offering) {
            pooled = null;
            mine.close();
        }
    }
}
