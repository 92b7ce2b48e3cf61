package dev.lastref.http.http2;

import io.undertow.server.Connectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.StreamSourceConduit;

/** Content of one stream's request, as the server's exchange reads it. For the connection's I/O thread. */
final class StreamSource implements StreamSourceConduit {
    private final Http2Stream stream;
    private @Nullable ReadReadyHandler ready;
    private boolean resumed;
    private boolean shut;

    StreamSource(Http2Stream stream) {
        this.stream = stream;
    }

    /** Something has come, or nothing more will. */
    void wake() {
        ReadReadyHandler waiting = ready;
        if (resumed && waiting != null) {
            waiting.readReady();
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        if (stream.isCutOff()) {
            throw new ClosedChannelException();
        }
        int n = stream.take(to);
        if (n > 0 || !to.hasRemaining()) {
            return n;
        }
        if (shut || stream.isAllReceived()) {
            Connectors.terminateRequest(stream.exchange());
            return -1;
        }
        return 0;
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            if (to[i].hasRemaining()) {
                return read(to[i]);
            }
        }
        return 0;
    }

    @Override
    public long transferTo(long position, long count, FileChannel target) throws IOException {
        return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
    }

    @Override
    public long transferTo(long count, ByteBuffer through, StreamSinkChannel target) throws IOException {
        return IoUtils.transfer(new ConduitReadableByteChannel(this), count, through, target);
    }

    @Override
    public void terminateReads() {
        shut = true;
        stream.wantsNoMore();
    }

    @Override
    public boolean isReadShutdown() {
        return shut;
    }

    @Override
    public void resumeReads() {
        resumed = true;
        if (stream.hasNewsOfContent()) {
            wakeupReads();
        }
    }

    @Override
    public void suspendReads() {
        resumed = false;
    }

    @Override
    public void wakeupReads() {
        resumed = true;
        stream.connection().execute(this::wake);
    }

    @Override
    public boolean isReadResumed() {
        return resumed;
    }

    @Override
    public void awaitReadable() {
        throw new UnsupportedOperationException("an I/O thread does not wait");
    }

    @Override
    public void awaitReadable(long time, TimeUnit unit) {
        awaitReadable();
    }

    @Override
    public XnioIoThread getReadThread() {
        return stream.getIoThread();
    }

    @Override
    public void setReadReadyHandler(ReadReadyHandler handler) {
        ready = handler;
    }

    @Override
    public XnioWorker getWorker() {
        return stream.getWorker();
    }
}
