package dev.lastref.http.origin;

import io.undertow.connector.ByteBufferPool;
import io.undertow.util.Transfer;
import java.io.IOException;
import java.util.function.Consumer;
import org.xnio.ChannelExceptionHandler;
import org.xnio.ChannelListeners;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/** Streams a request's content from the client to the origin, at the pace of the slower. */
final class RequestBody {
    private final OriginRequest.Content content;
    private final StreamSinkChannel sink;
    private final ByteBufferPool buffers;
    private final Consumer<IOException> whenBroken;

    RequestBody(
            OriginRequest.Content content,
            StreamSinkChannel sink,
            ByteBufferPool buffers,
            Consumer<IOException> whenBroken) {
        this.content = content;
        this.sink = sink;
        this.buffers = buffers;
        this.whenBroken = whenBroken;
    }

    void start() {
        ChannelExceptionHandler<StreamSourceChannel> readFailed = (channel, e) -> whenBroken.accept(e);
        ChannelExceptionHandler<StreamSinkChannel> writeFailed = (channel, e) -> whenBroken.accept(e);
        Transfer.initiateTransfer(
                content.channel(),
                sink,
                ChannelListeners.closingChannelListener(),
                this::finish,
                readFailed,
                writeFailed,
                buffers);
    }

    private void finish(StreamSinkChannel written) {
        try {
            written.shutdownWrites();
            if (!written.flush()) {
                written.getWriteSetter()
                        .set(ChannelListeners.<StreamSinkChannel>flushingChannelListener(
                                null, (channel, e) -> whenBroken.accept(e)));
                written.resumeWrites();
            }
        } catch (IOException e) {
            whenBroken.accept(e);
        }
    }
}
