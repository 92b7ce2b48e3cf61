package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.TrailerFields;
import dev.lastref.http.message.ChunkScanner;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.Reason;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a response's content, a buffer at a time, and offers it to the fetch. It waits where the fetch's readers have to take the
 * buffer first. What comes behind the end belongs to nothing: the connection is not used again (RFC 9112, sections 6.3 and 9.2).
 */
final class ResponseBody {
    private static final System.Logger LOG = System.getLogger(ResponseBody.class.getName());
    /** About so many bytes of content are read before other connections of this thread get their turn. */
    private static final int A_TURN = 256 * 1024;

    private final OriginCall call;
    private final OriginConnection connection;
    private final ResponseFraming framing;
    private final @Nullable ChunkScanner chunks;
    private @Nullable PooledByteBuffer pooled;
    /** Bytes that came with the head, at the buffer's start. */
    private int already;

    private long received;
    private boolean atEnd;
    private boolean tooLong;
    private boolean closed;
    private boolean reusable;
    private boolean offering;

    /**
     * @param pooled with what came behind the head, from position to limit; freed by this
     */
    ResponseBody(OriginCall call, OriginConnection connection, ResponseFraming framing, PooledByteBuffer pooled) {
        this.call = call;
        this.connection = connection;
        this.framing = framing;
        this.pooled = pooled;
        this.chunks = framing.kind() == ResponseFraming.Kind.CHUNKED ? ChunkScanner.keepingTrailers() : null;
        pooled.getBuffer().compact();
        this.already = pooled.getBuffer().position();
    }

    void start() {
        if (call.isDone()) { // its only reader has gone with the head
            return;
        }
        if (framing.kind() == ResponseFraming.Kind.NONE) {
            // Nothing can be wrong with the response; what is there nevertheless ends the connection.
            call.complete(framing.keepsConnection() && already == 0 && isQuiet());
            return;
        }
        read();
    }

    void read() {
        if (offering || call.isDone()) {
            return;
        }
        try {
            for (long turnEnds = received + A_TURN; received < turnEnds && !call.isDone(); ) {
                ByteBuffer buffer = buffer();
                boolean dry = fill(buffer);
                if (call.isDone()) {
                    return;
                }
                if (atEnd) {
                    reusable = !tooLong && !closed && framing.keepsConnection() && isQuiet();
                }
                if (buffer.hasRemaining() && !offer(buffer)) {
                    connection.suspendReads();
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
                giveBackLarge(); // while the origin is waited for, one that has another turn needs it
                connection.resumeReads();
            }
        } catch (IOException e) {
            broken(e);
        } catch (RuntimeException fault) { // clients wait for what comes of this
            LOG.log(System.Logger.Level.ERROR, "reading content", fault);
            call.fail(FetchFailure.INTERNAL, fault.toString());
        }
    }

    /**
     * Reads until the buffer is full, the origin has no more for now, or the content ends, and leaves the buffer ready to be read.
     * Returns whether the origin has no more.
     */
    private boolean fill(ByteBuffer buffer) throws IOException {
        int content = 0;
        int came = already;
        already = 0;
        boolean dry = false;
        while (true) {
            content = decode(buffer, content, content + came);
            if (call.isDone() || atEnd || dry || content == buffer.capacity()) {
                break;
            }
            buffer.limit(buffer.capacity()).position(content);
            came = connection.read(buffer);
            if (came > 0) {
                call.progressed();
            } else if (came < 0) {
                closed = true;
                endOfStream();
                break;
            } else {
                dry = true;
                break;
            }
        }
        if (!call.isDone()) { // else it was given back, and may be another's
            buffer.position(0).limit(content);
        }
        return dry;
    }

    private void endOfStream() {
        if (framing.kind() == ResponseFraming.Kind.UNTIL_CLOSE && connection.wasCutOff()) {
            broken("the connection ended without TLS being closed");
        } else if (framing.kind() == ResponseFraming.Kind.UNTIL_CLOSE) {
            atEnd = true;
        } else {
            broken("the connection ended");
        }
    }

    /** Takes the framing out of what came; the content moves together. Returns where it ends. */
    private int decode(ByteBuffer buffer, int from, int to) {
        return switch (framing.kind()) {
            case NONE, UNTIL_CLOSE -> {
                received += to - from;
                yield to;
            }
            case LENGTH -> {
                int taken = (int) Math.min(framing.length() - received, to - from);
                received += taken;
                atEnd = received == framing.length();
                tooLong = taken < to - from;
                yield from + taken;
            }
            case CHUNKED -> chunks == null ? to : chunks(chunks, buffer, from, to);
        };
    }

    private int chunks(ChunkScanner scanner, ByteBuffer buffer, int from, int to) {
        int end = from;
        int at = from;
        while (at < to) {
            at = scanner.scan(buffer, at, to);
            int data = (int) Math.min(scanner.dataLeft(), to - at);
            if (data > 0) {
                buffer.limit(to);
                buffer.put(end, buffer, at, data);
                scanner.took(data);
                end += data;
                at += data;
                received += data;
            }
            FramingFault fault = scanner.fault();
            if (fault != null) {
                call.fail(FetchFailure.MALFORMED, fault.reason() + ", after " + received + " bytes of content");
                return end;
            }
            if (scanner.isOver()) {
                FieldList trailers = scanner.trailers();
                if (trailers.size() > 0) {
                    call.fetch().trailers(TrailerFields.passed(trailers, framing.ends()));
                }
                atEnd = true;
                tooLong = at < to;
                return end;
            }
        }
        return end;
    }

    /** Whether the connection is open, and nothing came that nobody asked for. */
    private boolean isQuiet() {
        return connection.rest() == OriginConnection.Rest.NOTHING;
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
        broken(Reason.of(why));
    }

    private void broken(String why) {
        boolean early = framing.kind() == ResponseFraming.Kind.LENGTH;
        call.fail(
                early ? FetchFailure.TOO_SHORT : FetchFailure.BROKEN, why + " after " + received + " bytes of content");
    }

    private ByteBuffer buffer() {
        if (already == 0 && isLarge() != isForLarge()) {
            change();
        }
        PooledByteBuffer mine = pooled;
        if (mine == null) {
            mine = call.client().buffers().allocate();
            pooled = mine;
        }
        return mine.getBuffer();
    }

    /** Whether what comes next goes into the pool at once, and may be more than a usual buffer takes. */
    private boolean isForLarge() {
        boolean much = framing.kind() != ResponseFraming.Kind.LENGTH
                || framing.length() - received > call.client().buffers().getBufferSize();
        return much && call.fetch().isStoring();
    }

    private boolean isLarge() {
        return pooled != null
                && pooled.getBuffer().capacity() > call.client().buffers().getBufferSize();
    }

    private void giveBackLarge() {
        if (isLarge()) {
            free();
        }
    }

    /** Has a large one in place of a usual one, if there is any, or the other way round. */
    private void change() {
        PooledByteBuffer large = isLarge() ? null : call.client().largeBuffers().take();
        if (isLarge() || large != null) {
            free();
            pooled = large;
        }
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
