package dev.lastref.http.http2;

import static dev.lastref.http.http2.Frames.has;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.http2.FrameBudget.Cost;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.Http2Fields;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.util.AbstractAttachable;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * A connection that speaks HTTP/2 (RFC 9113), the server's side. Reads frames, runs a {@link Http2Stream} for each request, and writes
 * what they send in turn. Whatever a client can make it hold is bounded: streams, their received content, heads, what waits to be
 * written; and so is the time for which it may hold that.
 *
 * <pre>
 *  OPEN ──finish()──► ENDING (streams end, new ones are refused) ──last one ended──┐
 *    │ └─ the client says GOAWAY: as ENDING                                        ▼
 *    └──────────────── a fault: GOAWAY says which ─────────────────────────► CLOSING (says the rest, hears nothing) ──► CLOSED
 * </pre>
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

    private static final int READS_A_TURN = 8;
    private static final int WRITES_A_TURN = 256;
    private static final int STREAMS_REMEMBERED = 128;
    private static final HttpString CACHE_STATUS = new HttpString("Cache-Status");

    private enum State {
        OPEN,
        ENDING,
        CLOSING,
        CLOSED
    }

    private final StreamConnection channel;
    private final Http2Serving serving;
    private final FrameInput input;
    private final FrameOutput output;
    private final FrameBudget budget = new FrameBudget(System::nanoTime);
    private final FieldDecoder decoder = new FieldDecoder();
    private final FieldEncoder encoder = new FieldEncoder();
    private final HeadBlock head;
    private final ConnectionWatch watch;
    private final Map<Integer, Http2Stream> streams = new HashMap<>();
    private final Queue<Http2Stream> writers = new ArrayDeque<>();
    /** That ended before their clients had said all: something may be on its way. */
    private final int[] endedEarly = new int[STREAMS_REMEMBERED];

    private int endedEarlyCount;
    private State state = State.OPEN;
    private boolean settingsCame;
    private boolean announced;
    private int lastStream;
    private int initialSendWindow = Frames.INITIAL_WINDOW;
    private long sendWindow = Frames.INITIAL_WINDOW;
    private int receiveWindow = RECEIVE_WINDOW;
    private int consumed;
    private boolean inTurn;
    private boolean turnAsked;
    private boolean readsHeld;
    private List<Runnable> whenClosed = new ArrayList<>(2);

    private final FrameInput.Receiver receiver = new FrameInput.Receiver() {
        @Override
        public boolean isReady() {
            return state.compareTo(State.CLOSING) < 0 && output.takesControl();
        }

        @Override
        public void frame(int type, int flags, int stream, ByteBuffer payload) throws IOException {
            Http2Connection.this.frame(type, flags, stream, payload);
        }
    };

    private Http2Connection(StreamConnection channel, Http2Serving serving) {
        this.channel = channel;
        this.serving = serving;
        input = new FrameInput(serving.frames());
        output = new FrameOutput(channel.getSinkChannel(), serving.frames(), System::nanoTime);
        head = new HeadBlock(serving.head().head());
        watch = new ConnectionWatch(this, serving);
    }

    /**
     * Begins to serve.
     *
     * @param channel over TCP or TLS
     * @param first what has been read already, the preface first; freed by this
     */
    public static Http2Connection open(StreamConnection channel, PooledByteBuffer first, Http2Serving serving) {
        Http2Connection made = new Http2Connection(channel, serving);
        serving.counters().opened();
        made.input.add(first.getBuffer());
        first.close();
        channel.setCloseListener(closed -> made.close());
        channel.getSourceChannel().setReadListener(ready -> made.readable());
        channel.getSinkChannel().setWriteListener(ready -> made.writable());
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
        readable();
    }

    private static void setting(ByteBuffer to, int identifier, int value) {
        to.putShort((short) identifier).putInt(value);
    }

    // ---- turns

    private void readable() {
        if (state == State.CLOSED) {
            return;
        }
        inTurn = true;
        try {
            read();
        } catch (ConnectionFault fault) {
            end(fault);
        } catch (IOException clientIsGone) {
            close();
        } catch (RuntimeException fault) {
            LOG.log(System.Logger.Level.ERROR, "a connection of HTTP/2", fault);
            end(new ConnectionFault(ErrorCode.INTERNAL_ERROR, "a fault of ours"));
        }
        endTurn();
    }

    private void read() throws IOException {
        input.drainTo(receiver);
        for (int i = 0; i < READS_A_TURN; i++) {
            if (state == State.CLOSING) {
                watch.drop(channel.getSourceChannel());
                return;
            }
            if (state == State.CLOSED) {
                return;
            }
            if (!receiver.isReady()) {
                readsHeld = true;
                channel.getSourceChannel().suspendReads();
                return;
            }
            int n = input.read(channel.getSourceChannel());
            if (n < 0) {
                close(); // whoever says nothing more hears nothing more either
                return;
            }
            if (n == 0) {
                watch.awaitsHead(head.isOpen() || !settingsCame || input.owesControl());
                return;
            }
            input.drainTo(receiver);
        }
        channel.getSourceChannel().wakeupReads(); // others get their turn
    }

    private void writable() {
        turn();
    }

    private void turn() {
        if (state != State.CLOSED) {
            inTurn = true;
            endTurn();
        }
    }

    /** Something is to be written, or to be looked at; when whoever runs now has ended. */
    void turnSoon() {
        if (!inTurn && !turnAsked && state != State.CLOSED) {
            turnAsked = true;
            execute(() -> {
                turnAsked = false;
                turn();
            });
        }
    }

    /** Runs something on the I/O thread; not if that has ended, with which all its connections are closed. Any thread. */
    public void execute(Runnable task) {
        try {
            channel.getIoThread().execute(task);
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(channel);
        }
    }

    private void endTurn() {
        try {
            if (state != State.CLOSED) {
                write();
            }
        } catch (IOException clientIsGone) {
            close();
        } finally {
            inTurn = false;
        }
    }

    private void write() throws IOException {
        int turns = 0;
        while (!writers.isEmpty() && turns++ < WRITES_A_TURN && output.room() > 0) {
            Http2Stream stream = writers.remove();
            stream.queued(false);
            StreamSink sink = stream.sink();
            if (sink.isResumed() && sink.canProgress()) {
                sink.wake();
                if (sink.isResumed() && sink.canProgress()) {
                    wantsToWrite(stream);
                }
            }
        }
        if (state == State.CLOSED) {
            return;
        }
        if (!output.flush()) {
            channel.getSinkChannel().resumeWrites();
            watch.arm();
        } else {
            channel.getSinkChannel().suspendWrites();
            if (!writers.isEmpty()) {
                channel.getSinkChannel().wakeupWrites();
            }
        }
        goOnReading();
        if (state == State.ENDING && streams.isEmpty()) {
            state = State.CLOSING;
        }
        if (state == State.CLOSING && output.isFlushed()) {
            shutDown();
        }
    }

    private void goOnReading() {
        if (readsHeld && output.takesControl()) {
            readsHeld = false;
            channel.getSourceChannel().wakeupReads();
        }
    }

    /** All is said. What the client still sends is dropped for a while: to close at once could take it away from it again. */
    private void shutDown() throws IOException {
        if (watch.lingers()) {
            channel.getSinkChannel().shutdownWrites();
            if (!channel.getSinkChannel().flush()) {
                channel.getSinkChannel().resumeWrites();
            }
            channel.getSourceChannel().wakeupReads();
        } else if (!channel.getSinkChannel().flush()) {
            channel.getSinkChannel().resumeWrites();
        }
    }

    // ---- frames

    private void frame(int type, int flags, int id, ByteBuffer payload) throws IOException {
        if (head.isOpen() && (type != Frames.CONTINUATION || id != head.stream())) {
            throw protocol("a frame within a head");
        }
        if (!settingsCame && (type != Frames.SETTINGS || has(flags, Frames.ACK))) {
            throw protocol("a connection begins with settings");
        }
        switch (type) {
            case Frames.DATA -> data(flags, id, payload);
            case Frames.HEADERS -> {
                checkClients(id);
                head.begin(id, flags, payload);
                headPart(flags);
            }
            case Frames.CONTINUATION -> {
                if (!head.isOpen()) {
                    throw protocol("nothing to continue");
                }
                if (!payload.hasRemaining()) {
                    budget.spend(Cost.EMPTY);
                }
                head.more(payload);
                headPart(flags);
            }
            case Frames.PRIORITY -> priority(id, payload);
            case Frames.RST_STREAM -> resetByClient(id, payload);
            case Frames.SETTINGS -> settings(flags, id, payload);
            case Frames.PUSH_PROMISE -> throw protocol("a push from a client");
            case Frames.PING -> ping(flags, id, payload);
            case Frames.GOAWAY -> goAwayFromClient(id, payload);
            case Frames.WINDOW_UPDATE -> windowUpdate(id, payload);
            default -> budget.spend(Cost.UNKNOWN);
        }
    }

    private static ConnectionFault protocol(String reason) {
        return new ConnectionFault(ErrorCode.PROTOCOL_ERROR, reason);
    }

    private static void checkLength(ByteBuffer payload, int length) throws ConnectionFault {
        if (payload.remaining() != length) {
            throw new ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a frame of the wrong length");
        }
    }

    private static void checkClients(int id) throws ConnectionFault {
        if (id % 2 == 0) {
            throw protocol("a stream that is not the client's");
        }
    }

    private void checkBegun(int id) throws ConnectionFault {
        checkClients(id);
        if (id > lastStream) {
            throw protocol("a stream that has not begun");
        }
    }

    private void data(int flags, int id, ByteBuffer payload) throws ConnectionFault {
        checkBegun(id);
        int length = payload.remaining();
        receiveWindow -= length;
        if (receiveWindow < 0) {
            throw new ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more content than the window has room for");
        }
        Padding.strip(Padding.of(flags, payload), payload);
        boolean ends = has(flags, Frames.END_STREAM);
        if (!payload.hasRemaining() && !ends) {
            budget.spend(Cost.EMPTY);
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            late(id);
            consumed(length);
            return;
        }
        ErrorCode fault = stream.receive(payload, length, ends);
        if (fault != null) {
            consumed(length);
            reset(stream, fault);
            budget.spend(Cost.FAULT);
        }
    }

    /** Something for a stream that is over: on its way when that ended, or wrong (RFC 9113, section 5.1). */
    private void late(int id) throws ConnectionFault {
        for (int i = 0; i < Math.min(endedEarlyCount, STREAMS_REMEMBERED); i++) {
            if (endedEarly[i] == id) {
                budget.spend(Cost.LATE);
                return;
            }
        }
        throw new ConnectionFault(ErrorCode.STREAM_CLOSED, "a frame for a stream that is closed");
    }

    private void endedEarly(int id) {
        endedEarly[endedEarlyCount++ % STREAMS_REMEMBERED] = id;
        if (endedEarlyCount == 2 * STREAMS_REMEMBERED) {
            endedEarlyCount = STREAMS_REMEMBERED;
        }
    }

    private void headPart(int flags) throws ConnectionFault {
        if (!has(flags, Frames.END_HEADERS)) {
            return;
        }
        watch.awaitsHead(false);
        int id = head.stream();
        boolean ends = head.endsStream();
        ByteBuffer block = head.end();
        boolean begins = id > lastStream;
        Http2Fields fields = begins ? Http2Fields.ofHead(serving.head()) : Http2Fields.ofTrailers(serving.head());
        decoder.decode(block, fields::field); // always: the blocks that follow build on it
        fields.end(ends);
        if (begins) {
            lastStream = id;
            begin(id, fields, ends);
        } else {
            trailers(id, fields, ends);
        }
    }

    private void trailers(int id, Http2Fields fields, boolean ends) throws ConnectionFault {
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            late(id);
            return;
        }
        boolean wrong = !ends || fields.malformed() != null || fields.refused() != null || head.dependsOnItself();
        ErrorCode fault = wrong ? ErrorCode.PROTOCOL_ERROR : stream.receiveTrailers();
        if (fault != null) {
            reset(stream, fault);
            budget.spend(Cost.FAULT);
        }
    }

    private void begin(int id, Http2Fields fields, boolean ends) throws ConnectionFault {
        FramingFault refused = fields.refused();
        if (state != State.OPEN || streams.size() >= MOST_STREAMS) {
            refuse(id, ends, ErrorCode.REFUSED_STREAM);
            budget.spend(Cost.REFUSED);
        } else if (fields.malformed() != null || head.dependsOnItself()) {
            refuse(id, ends, ErrorCode.PROTOCOL_ERROR);
            budget.spend(Cost.FAULT);
        } else if (refused != null) {
            answer(id, ends, refused);
            budget.spend(Cost.FAULT);
        } else {
            Http2Stream stream = new Http2Stream(this, id, fields, ends, initialSendWindow);
            streams.put(id, stream);
            serving.counters().requested();
            watch.arm();
            Connectors.executeRootHandler(serving.handler(), stream.exchange());
        }
    }

    private void refuse(int id, boolean ended, ErrorCode code) {
        output.number(Frames.RST_STREAM, id, code.code());
        if (!ended) {
            endedEarly(id);
        }
    }

    /** An error for a request that no exchange is made for. */
    private void answer(int id, boolean ended, FramingFault fault) {
        String text = fault.status() + " " + StatusCodes.getReason(fault.status()) + ": " + fault.reason() + "\n";
        boolean fits = Math.min(sendWindow, initialSendWindow) >= text.length();
        HeaderMap fields = new HeaderMap();
        fields.put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        fields.put(Headers.CACHE_CONTROL, "no-store");
        fields.put(CACHE_STATUS, "lastref; detail=refused");
        fields.put(Headers.DATE, HttpDates.format(System.currentTimeMillis() / 1000));
        if (fits) {
            fields.put(Headers.CONTENT_LENGTH, text.length());
        }
        head(id, fault.status(), fields, !fits);
        if (fits) {
            sendWindow -= text.length();
            output.frame(Frames.DATA, Frames.END_STREAM, id, ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
        }
        if (!ended) {
            refuse(id, false, ErrorCode.NO_ERROR);
        }
    }

    private void priority(int id, ByteBuffer payload) throws ConnectionFault {
        checkClients(id);
        checkLength(payload, 5);
        budget.spend(Cost.PRIORITY);
        if ((payload.getInt() & Integer.MAX_VALUE) == id) {
            throw protocol("a stream that depends on itself");
        }
    }

    private void resetByClient(int id, ByteBuffer payload) throws ConnectionFault {
        checkBegun(id);
        checkLength(payload, 4);
        budget.spend(Cost.RESET);
        Http2Stream stream = streams.remove(id);
        if (stream != null) {
            stream.end();
        }
    }

    private void settings(int flags, int id, ByteBuffer payload) throws ConnectionFault {
        if (id != 0) {
            throw protocol("settings of a stream");
        }
        if (has(flags, Frames.ACK)) {
            checkLength(payload, 0);
            budget.spend(Cost.UNKNOWN);
            return;
        }
        checkLength(payload, payload.remaining() / 6 * 6);
        budget.spend(Cost.SETTINGS, 1 + payload.remaining() / 60);
        settingsCame = true;
        while (payload.hasRemaining()) {
            setting(payload.getShort() & 0xffff, payload.getInt() & 0xffff_ffffL);
        }
        output.frame(Frames.SETTINGS, Frames.ACK, 0, payload);
    }

    private void setting(int identifier, long value) throws ConnectionFault {
        switch (identifier) {
            case Frames.SETTINGS_ENABLE_PUSH -> {
                if (value > 1) {
                    throw protocol("a setting that cannot be");
                }
            }
            case Frames.SETTINGS_MAX_FRAME_SIZE -> {
                if (value < Frames.MOST_PAYLOAD || value > 0xff_ffff) {
                    throw protocol("a frame size that cannot be");
                }
            }
            case Frames.SETTINGS_INITIAL_WINDOW_SIZE -> initialWindow(value);
            default -> {
                // is about what is not done here
            }
        }
    }

    /** Changes the windows of all streams, which may become negative (RFC 9113, section 6.9.2). */
    private void initialWindow(long value) throws ConnectionFault {
        if (value > Frames.LARGEST_WINDOW) {
            throw new ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window that is too large");
        }
        long by = value - initialSendWindow;
        initialSendWindow = (int) value;
        for (Http2Stream stream : streams.values()) {
            if (!stream.openWindow(by)) {
                throw new ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window that becomes too large");
            }
            wantsToWrite(stream);
        }
    }

    private void ping(int flags, int id, ByteBuffer payload) throws ConnectionFault {
        if (id != 0) {
            throw protocol("a ping of a stream");
        }
        checkLength(payload, 8);
        budget.spend(Cost.PING);
        if (!has(flags, Frames.ACK)) {
            output.frame(Frames.PING, Frames.ACK, 0, payload);
        }
    }

    /** The client begins no more streams; those that it has begun are served (RFC 9113, section 6.8). */
    private void goAwayFromClient(int id, ByteBuffer payload) throws ConnectionFault {
        if (id != 0) {
            throw protocol("the end of a stream's connection");
        }
        if (payload.remaining() < 8) {
            checkLength(payload, 8);
        }
        if (state == State.OPEN) {
            state = State.ENDING;
        } else {
            budget.spend(Cost.SETTINGS);
        }
    }

    private void windowUpdate(int id, ByteBuffer payload) throws ConnectionFault {
        checkLength(payload, 4);
        budget.spend(Cost.WINDOW);
        int by = payload.getInt() & Integer.MAX_VALUE;
        if (id == 0) {
            sendWindow += by;
            if (by == 0 || sendWindow > Frames.LARGEST_WINDOW) {
                throw new ConnectionFault(
                        by == 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.FLOW_CONTROL_ERROR,
                        "a window that opens by nothing, or too far");
            }
            streams.values().forEach(this::wantsToWrite);
            return;
        }
        checkBegun(id);
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            return; // a client cannot know that it is over
        }
        if (by == 0 || !stream.openWindow(by)) {
            reset(stream, by == 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.FLOW_CONTROL_ERROR);
            budget.spend(Cost.FAULT);
        } else {
            wantsToWrite(stream);
        }
    }

    // ---- for streams

    /** Has it write when there is room, if it wants to. */
    void wantsToWrite(Http2Stream stream) {
        if (!stream.isQueued() && stream.sink().isResumed() && state != State.CLOSED) {
            stream.queued(true);
            writers.add(stream);
            turnSoon();
        }
    }

    /** A head, its end or its beginning. */
    void head(int id, int status, HeaderMap fields, boolean endsStream) {
        output.headers(id, encoder.encode(status, fields), endsStream);
        turnSoon();
    }

    /** So many bytes of content have been read, or dropped: the client may send as many again. */
    void consumed(int bytes) {
        consumed += bytes;
        if (consumed >= RECEIVE_WINDOW / 2 && state.compareTo(State.CLOSING) < 0) {
            receiveWindow += consumed;
            output.number(Frames.WINDOW_UPDATE, 0, consumed);
            consumed = 0;
            turnSoon();
        }
    }

    void sent(int bytes) {
        sendWindow -= bytes;
        budget.sent(bytes);
    }

    long sendWindow() {
        return sendWindow;
    }

    /** The exchange of a stream is complete, or broken off. */
    void completed(Http2Stream stream) {
        if (streams.remove(stream.id()) != null && state.compareTo(State.CLOSING) < 0) {
            if (!stream.sink().isEnded()) {
                refuse(stream.id(), stream.isRemoteEnded(), ErrorCode.INTERNAL_ERROR);
            } else if (!stream.isRemoteEnded()) {
                refuse(stream.id(), false, ErrorCode.NO_ERROR); // RFC 9113, section 8.1
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
                streams.remove(stream.id());
                refuse(stream.id(), stream.isRemoteEnded(), ErrorCode.INTERNAL_ERROR);
            }
            turnSoon();
            execute(stream::end); // whoever breaks it off is not done with it
        }
    }

    private void reset(Http2Stream stream, ErrorCode code) {
        streams.remove(stream.id());
        refuse(stream.id(), stream.isRemoteEnded(), code);
        stream.end();
    }

    // ---- its end

    /** Gives up streams whose client opens no window for them; the connection, if it takes nothing at all. */
    void endStalled(long limitNanos) {
        if (output.stalledNanos() > limitNanos) {
            serving.counters().stalled();
            close();
            return;
        }
        for (Http2Stream stream : List.copyOf(streams.values())) {
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
        end(new ConnectionFault(settingsCame ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.SETTINGS_TIMEOUT, "too slow"));
        turn();
    }

    private void end(ConnectionFault fault) {
        LOG.log(System.Logger.Level.DEBUG, "HTTP/2 from {0} ended: {1}", channel.getPeerAddress(), fault.getMessage());
        if (state.compareTo(State.CLOSING) < 0) {
            state = State.CLOSING;
            serving.counters().faulty();
            goAway(lastStream, fault.code(), fault.reason());
            watch.lingersAtMost();
            endStreams();
        }
    }

    private void goAway(int last, ErrorCode code, String reason) {
        byte[] text = reason.getBytes(ISO_8859_1);
        output.frame(
                Frames.GOAWAY,
                0,
                0,
                ByteBuffer.allocate(8 + text.length)
                        .putInt(last)
                        .putInt(code.code())
                        .put(text)
                        .flip());
    }

    private void endStreams() {
        List<Http2Stream> all = List.copyOf(streams.values());
        streams.clear();
        writers.clear();
        all.forEach(Http2Stream::end);
    }

    /** Says that the connection is about to end: who hears it begins no more streams, and those on their way are still served. */
    public void announceEnd() {
        if (state == State.OPEN && !announced) {
            announced = true;
            goAway(Frames.LARGEST_STREAM, ErrorCode.NO_ERROR, "");
            turnSoon();
        }
    }

    /** Ends it when the streams that run have ended; no more are begun. */
    public void finish() {
        if (state == State.OPEN) {
            state = State.ENDING;
            goAway(lastStream, ErrorCode.NO_ERROR, "");
            turnSoon();
        }
    }

    /** Closes it at once, whatever runs. */
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
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
        if (state == State.CLOSED) {
            task.run();
        } else {
            whenClosed.add(task);
        }
    }

    public boolean isOpen() {
        return state != State.CLOSED;
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

    @Nullable
    SSLSession sslSession() {
        return channel instanceof SslConnection tls ? tls.getSslSession() : null;
    }
}
