package dev.lastref.http.http2;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusal;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.util.AbstractAttachable;
import io.undertow.util.HeaderMap;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.Options;
import org.xnio.StreamConnection;

/**
 * A connection that speaks HTTP/2 (RFC 9113), the server's side. Reads frames, runs a {@link Http2Stream} for each request, and writes
 * what they send in turn. {@link ConnectionEnd} says how it ends. Whatever a client can make it hold is bounded: streams, their received content, heads, what waits to be
 * written; and so is the time for which it may hold that.
 *
 * <p>For the connection's I/O thread. Closing is put off while something is being written, since whoever writes is not prepared for
 * its own end.
 */
public final class Http2Connection extends AbstractAttachable {
    private static final System.Logger LOG = System.getLogger(Http2Connection.class.getName());

    /** Requests that may run at a time. */
    static final int MOST_STREAMS = 128;
    /** Content of all requests together that nobody has read. */
    static final int RECEIVE_WINDOW = 256 * 1024;

    private final StreamConnection channel;
    private final Http2Serving serving;
    private final FrameInput input;
    private final FrameOutput output;
    private final FrameBudget budget = new FrameBudget(System::nanoTime);
    private final FieldEncoder encoder = new FieldEncoder();
    private final ClientFrames frames;
    private final ConnectionWatch watch;
    private final ConnectionTurns turns;
    private final ConnectionEnd end;
    private final RefusedStreams refused;
    private final RunningStreams streams = new RunningStreams();
    private final HeldBytes held;
    private final SendWindow sendWindow = new SendWindow(Frames.INITIAL_WINDOW);
    private final ReceiveWindow receiveWindow = new ReceiveWindow(RECEIVE_WINDOW);

    private long sentNanos;
    private List<Runnable> whenClosed = new ArrayList<>(2);

    private Http2Connection(StreamConnection channel, InetAddress client, Http2Serving serving) {
        this.channel = channel;
        this.serving = serving;
        input = new FrameInput(serving.frames());
        output = new FrameOutput(channel.getSinkChannel(), serving.frames(), System::nanoTime);
        end = new ConnectionEnd(output);
        refused = new RefusedStreams(client, output, serving.refusals());
        held = new HeldBytes(serving.held());
        frames = new ClientFrames(this, serving, output, budget, refused);
        watch = new ConnectionWatch(this, serving);
        turns = new ConnectionTurns(this, serving, input, output, frames, streams, watch, end);
    }

    /**
     * Begins to serve.
     *
     * @param channel over TCP or TLS
     * @param client whose it is, as far as is known without what requests say
     * @param first what has been read already, the preface first; freed by this
     */
    public static Http2Connection open(
            StreamConnection channel, InetAddress client, PooledByteBuffer first, Http2Serving serving) {
        Http2Connection made = new Http2Connection(channel, client, serving);
        serving.counters().opened();
        made.input.begin(first.getBuffer());
        first.close();
        channel.setCloseListener(closed -> made.close());
        channel.getSourceChannel().setReadListener(ready -> made.turns.readable());
        channel.getSinkChannel().setWriteListener(ready -> made.turns.run());
        return made;
    }

    /** Says the settings, and reads. */
    public void start() {
        ByteBuffer settings = ByteBuffer.allocate(18);
        setting(settings, Frames.SETTINGS_MAX_CONCURRENT_STREAMS, MOST_STREAMS);
        setting(settings, Frames.SETTINGS_MAX_HEADER_LIST_SIZE, serving.head().head());
        setting(settings, Frames.SETTINGS_INITIAL_WINDOW_SIZE, Http2Stream.RECEIVE_WINDOW);
        output.frame(Frames.SETTINGS, 0, 0, settings.flip());
        output.number(Frames.WINDOW_UPDATE, 0, RECEIVE_WINDOW - Frames.INITIAL_WINDOW);
        watch.awaitsHead(true);
        channel.getSourceChannel().resumeReads();
        turns.readable();
    }

    private static void setting(ByteBuffer to, int identifier, int value) {
        to.putShort((short) identifier).putInt(value);
    }

    /** Something is to be written, or to be looked at; when whoever runs now has ended. */
    void turnSoon() {
        turns.soon();
    }

    /** Has a client that has said all, and may be gone, answer by TCP at least: with a reset, if it is. */
    void probe() {
        turns.probe();
    }

    // ---- for frames

    /** Whether it takes another frame now: what it answers, if it must, can be said. */
    boolean hears() {
        return end.isHeard() && output.takesControl();
    }

    void headHasEnded() {
        watch.awaitsHead(false);
    }

    /** Why no stream may begin now; null: one may. */
    @Nullable
    StreamRefusal refusal() {
        if (!end.isOpen()) {
            return StreamRefusal.ENDING;
        }
        // Counted only where it matters. What has ended on both sides and is still here, until who answers finds that
        // out, is bounded by the memory that streams may hold.
        boolean room = streams.count() < MOST_STREAMS || streams.countOpen() < MOST_STREAMS;
        return room ? null : StreamRefusal.CONCURRENT;
    }

    /** Has it run; returns whether there is memory for what it holds. */
    boolean add(Http2Stream stream) {
        if (!held.take(stream.heldBytes())) {
            return false;
        }
        streams.add(stream);
        watch.arm();
        return true;
    }

    /** What it holds on the heap for its client. */
    HeldBytes held() {
        return held;
    }

    /** Null: it is over, or has not begun. */
    @Nullable
    Http2Stream stream(int id) {
        return streams.get(id);
    }

    Collection<Http2Stream> streams() {
        return streams.all();
    }

    /** The client has reset it. */
    void end(Http2Stream stream) {
        streams.remove(stream);
        stream.end();
    }

    /** Resets it for what its client has done. */
    void reset(Http2Stream stream, ErrorCode code) {
        streams.remove(stream);
        refused.reset(stream.id(), stream.isRemoteEnded(), code);
        stream.end();
    }

    /** Content has come; returns whether the window had room for it. */
    boolean received(int bytes) {
        return receiveWindow.received(bytes);
    }

    /** Returns whether the window stays within what it may be. */
    boolean openWindow(int by) {
        return sendWindow.open(by);
    }

    /** The client begins no more streams; returns whether that is new. */
    boolean endsByClient() {
        return end.byClient();
    }

    // ---- for streams

    /** Has it write when there is room, if it wants to. */
    void wantsToWrite(Http2Stream stream) {
        if (streams.queue(stream)) {
            turnSoon();
        }
    }

    /** A head, its end or its beginning. */
    void head(int id, int status, HeaderMap fields, boolean endsStream) {
        output.headers(id, encoder.encode(status, fields), endsStream);
        turnSoon();
    }

    /** Trailer fields, with which the stream ends. */
    void trailers(int id, HeaderMap fields) {
        output.headers(id, encoder.encodeTrailers(fields), true);
        turnSoon();
    }

    /** So many bytes of content have been read, or dropped: the client may send as many again. */
    void consumed(int bytes) {
        receiveWindow.read(bytes);
        int by = end.isHeard() ? receiveWindow.open() : 0;
        if (by > 0) {
            output.number(Frames.WINDOW_UPDATE, 0, by);
            turnSoon();
        }
    }

    void sent(int bytes) {
        sendWindow.sent(bytes);
        sentNanos = now();
        budget.sent(bytes);
    }

    long sendWindow() {
        return sendWindow.left();
    }

    /** When content was sent last, of any stream. */
    long sentNanos() {
        return sentNanos;
    }

    /** The exchange of a stream is complete, or broken off. */
    void completed(Http2Stream stream) {
        if (streams.remove(stream) && end.isHeard()) {
            if (!stream.sink().isEnded()) {
                refused.reset(stream.id(), stream.isRemoteEnded(), ErrorCode.INTERNAL_ERROR);
            } else if (!stream.isRemoteEnded()) {
                refused.reset(stream.id(), false, ErrorCode.NO_ERROR); // RFC 9113, section 8.1
            } else {
                budget.answered();
            }
        }
        turnSoon();
    }

    /** Breaks a stream off for a fault of ours or the origin's: its client must not take what it has for the whole. */
    void breakOff(Http2Stream stream) {
        if (streams.get(stream.id()) == stream) {
            if (!stream.sink().isEnded()) {
                streams.remove(stream);
                refused.reset(stream.id(), stream.isRemoteEnded(), ErrorCode.INTERNAL_ERROR);
            }
            turnSoon();
            execute(stream::end); // whoever breaks it off is not done with it
        }
    }

    // ---- its end

    /** Gives up streams whose client opens no window for them; the connection, if it takes nothing at all. */
    void endStalled(long limitNanos) {
        if (output.stalledNanos() > limitNanos) {
            resetStalled();
            return;
        }
        for (Http2Stream stream : streams.copy()) {
            if (stream.blockedNanos() > limitNanos) {
                serving.counters().stalled();
                reset(stream, ErrorCode.CANCEL);
            }
        }
        turnSoon();
    }

    /** Whether anything can go wrong by waiting. */
    boolean isToBeWatched() {
        return !streams.isEmpty() || !output.isFlushed();
    }

    /** A head has not come in time, or what a connection begins with. */
    void endLate() {
        serving.tally().timedOut(ConnectionTally.TimedOut.SLOW_HEAD);
        end(
                new ConnectionFault(
                        frames.haveBegun() ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.SETTINGS_TIMEOUT, "too slow"),
                Refusal.HEAD_TIMEOUT);
        turns.run();
    }

    /** Ends it for what its client has sent. */
    void end(ConnectionFault fault) {
        end(fault, Refusal.CONNECTION_ERROR);
    }

    private void end(ConnectionFault fault, Refusal why) {
        LOG.log(System.Logger.Level.DEBUG, "HTTP/2 from {0} ended: {1}", channel.getPeerAddress(), fault.getMessage());
        if (end.byFault(frames.lastStream(), fault)) {
            serving.counters().faulty();
            refused.tell(why, String.valueOf(fault.getMessage()));
            watch.lingersAtMost();
            endStreams();
        }
    }

    private void endStreams() {
        streams.end().forEach(Http2Stream::end);
    }

    /** Says that the connection is about to end: who hears it begins no more streams, and those on their way are still served. */
    public void announceEnd() {
        if (end.announce()) {
            turns.now();
        }
    }

    /** Ends it when the streams that run have ended; no more are begun. */
    public void finish() {
        if (end.finish(frames.lastStream())) {
            turns.now();
        }
    }

    /** As {@link #finish}, since its client has been silent for long. */
    public void finishSilent() {
        watch.isSilent();
        finish();
    }

    /** Runs something on the I/O thread; not if that has ended, with which all its connections are closed. Any thread. */
    public void execute(Runnable task) {
        try {
            channel.getIoThread().execute(task);
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(channel);
        }
    }

    /** Whether the kernel has taken all that was said so far. Any thread. */
    public boolean isFlushed() {
        return turns.isFlushed();
    }

    /** Resets it since its client takes nothing, whoever has seen that first: this watch, or the pool's ledger. */
    public void resetStalled() {
        if (!end.isClosed()) {
            serving.counters().stalled();
            reset();
        }
    }

    /** Closes it at once, and has the kernel drop what it still holds for the client. */
    public void reset() {
        try {
            channel.setOption(Options.CLOSE_ABORT, true);
        } catch (IOException closedAlready) {
            // then there is nothing left to reset
        }
        close();
    }

    /** Closes it at once, whatever runs. */
    public void close() {
        if (!end.closed()) {
            return;
        }
        serving.counters().closed();
        watch.cancel();
        IoUtils.safeClose(channel);
        endStreams();
        input.close();
        output.close();
        List<Runnable> told = whenClosed;
        whenClosed = List.of();
        told.forEach(Runnable::run);
    }

    /** Runs something when it is closed. */
    public void whenClosed(Runnable task) {
        if (end.isClosed()) {
            task.run();
        } else {
            whenClosed.add(task);
        }
    }

    public boolean isOpen() {
        return !end.isClosed();
    }

    /** Over TCP or TLS. */
    public StreamConnection channel() {
        return channel;
    }

    FrameOutput output() {
        return output;
    }

    ByteBufferPool buffers() {
        return serving.buffers();
    }

    long now() {
        return System.nanoTime();
    }
}
