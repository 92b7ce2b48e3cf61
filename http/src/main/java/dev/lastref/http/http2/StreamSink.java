package dev.lastref.http.http2;

import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpAttachments;
import io.undertow.util.DateUtils;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.ConduitWritableByteChannel;
import org.xnio.conduits.Conduits;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.WriteReadyHandler;

/**
 * The response on one stream: its head goes with the first content, content as far as windows and the connection allow. Never ends in
 * order what is shorter than its head says (RFC 9113, section 8.1.1). For the connection's I/O thread.
 */
final class StreamSink implements StreamSinkConduit {
    private final Http2Stream stream;
    private final FrameOutput output;
    private @Nullable WriteReadyHandler ready;
    private boolean resumed;
    private boolean headSent;
    /** No content may follow the head: HEAD, 204, 304. */
    private boolean bodiless;
    /** Bytes of content that the head says; -1: it does not. */
    private long expected = -1;

    private long sent;
    private boolean shut;
    /** END_STREAM has been said. */
    private boolean ended;

    StreamSink(Http2Stream stream, FrameOutput output) {
        this.stream = stream;
        this.output = output;
    }

    /** The exchange's fields are complete: what they say about content is noted. */
    void begin(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getResponseHeaders();
        DateUtils.addDateHeaderIfRequired(exchange);
        boolean allowed = Connectors.isEntityBodyAllowed(exchange);
        if (!allowed && exchange.getStatusCode() != 304) {
            headers.remove(Headers.CONTENT_LENGTH);
        }
        bodiless = !allowed || exchange.getRequestMethod().equals(Methods.HEAD);
        String length = headers.getFirst(Headers.CONTENT_LENGTH);
        expected = bodiless || length == null ? -1 : Long.parseLong(length);
    }

    /** Whether writing now would come to something, as far as windows go. */
    boolean canProgress() {
        return !headSent || bodiless || shut || stream.window() > 0;
    }

    boolean isResumed() {
        return resumed;
    }

    boolean isEnded() {
        return ended;
    }

    boolean hasBegun() {
        return headSent;
    }

    /** There is room again, or there is no sense in waiting for it. */
    void wake() {
        WriteReadyHandler waiting = ready;
        if (resumed && waiting != null) {
            waiting.writeReady();
        }
    }

    private void checkOpen() throws ClosedChannelException {
        if (stream.isOver()) {
            throw new ClosedChannelException();
        }
    }

    /** Returns whether the head is on its way. */
    private boolean sendHead(boolean endsStream) throws IOException {
        if (!headSent) {
            if (output.room() == 0) {
                return false;
            }
            HttpServerExchange exchange = stream.exchange();
            stream.connection().head(stream.id(), exchange.getStatusCode(), exchange.getResponseHeaders(), endsStream);
            headSent = true;
            ended = endsStream;
        }
        return true;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        checkOpen();
        if (shut) {
            throw new ClosedChannelException();
        }
        int length = from.remaining();
        if (!sendHead(bodiless)) {
            stream.blocks();
            return 0;
        }
        if (bodiless) {
            from.position(from.limit());
            return length;
        }
        if (expected >= 0 && length > expected - sent) {
            throw new IOException("more content than the " + expected + " bytes that the head says");
        }
        while (from.hasRemaining()) {
            int part = Math.min(Math.min(from.remaining(), stream.window()), output.room());
            if (part <= 0) {
                break;
            }
            sent += part;
            ended = sent == expected;
            output.data(stream.id(), from, part, ended);
            stream.sent(part);
        }
        int n = length - from.remaining();
        if (n == 0 && length > 0) {
            stream.blocks();
        }
        stream.connection().turnSoon();
        return n;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        long all = 0;
        for (int i = offset; i < offset + length; i++) {
            all += write(from[i]);
            if (from[i].hasRemaining()) {
                break;
            }
        }
        return all;
    }

    @Override
    public int writeFinal(ByteBuffer from) throws IOException {
        return Conduits.writeFinalBasic(this, from);
    }

    @Override
    public long writeFinal(ByteBuffer[] from, int offset, int length) throws IOException {
        return Conduits.writeFinalBasic(this, from, offset, length);
    }

    @Override
    public long transferFrom(FileChannel source, long position, long count) throws IOException {
        return source.transferTo(position, count, new ConduitWritableByteChannel(this));
    }

    @Override
    public long transferFrom(StreamSourceChannel source, long count, ByteBuffer through) throws IOException {
        return IoUtils.transfer(source, count, through, new ConduitWritableByteChannel(this));
    }

    @Override
    public void terminateWrites() throws IOException {
        checkOpen();
        if (!shut) {
            if (expected > 0 && sent < expected) {
                throw new IOException("only " + sent + " of " + expected + " bytes of content");
            }
            shut = true;
            end();
        }
    }

    /** Returns whether the end has been said. */
    private boolean end() throws IOException {
        HeaderMap trailers = bodiless ? null : stream.exchange().getAttachment(HttpAttachments.RESPONSE_TRAILERS);
        if (!sendHead(trailers == null)) {
            stream.blocks();
            return false;
        }
        if (!ended && trailers != null && output.room() == 0) {
            stream.blocks();
            return false;
        }
        if (!ended) {
            ended = true;
            if (trailers == null) {
                output.end(stream.id());
            } else {
                stream.connection().trailers(stream.id(), trailers);
            }
        }
        stream.connection().turnSoon();
        return true;
    }

    @Override
    public boolean flush() throws IOException {
        checkOpen();
        if (!shut) {
            boolean begun = sendHead(bodiless);
            stream.connection().turnSoon();
            return begun;
        }
        if (!end()) {
            return false;
        }
        Connectors.terminateResponse(stream.exchange());
        return true;
    }

    @Override
    public void truncateWrites() {
        stream.close();
    }

    @Override
    public boolean isWriteShutdown() {
        return shut || stream.isOver();
    }

    @Override
    public void resumeWrites() {
        if (!resumed) {
            resumed = true;
            stream.connection().wantsToWrite(stream);
        }
    }

    @Override
    public void suspendWrites() {
        resumed = false;
    }

    @Override
    public void wakeupWrites() {
        resumeWrites();
    }

    @Override
    public boolean isWriteResumed() {
        return resumed;
    }

    @Override
    public void awaitWritable() {
        throw new UnsupportedOperationException("an I/O thread does not wait");
    }

    @Override
    public void awaitWritable(long time, TimeUnit unit) {
        awaitWritable();
    }

    @Override
    public XnioIoThread getWriteThread() {
        return stream.getIoThread();
    }

    @Override
    public void setWriteReadyHandler(WriteReadyHandler handler) {
        ready = handler;
    }

    @Override
    public XnioWorker getWorker() {
        return stream.getWorker();
    }
}
