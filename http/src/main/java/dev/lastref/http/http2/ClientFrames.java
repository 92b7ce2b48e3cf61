package dev.lastref.http.http2;

import static dev.lastref.http.http2.Frames.has;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.http2.FrameBudget.Cost;
import dev.lastref.http.log.Refusal;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.Http2Fields;
import io.undertow.server.Connectors;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What the frames of a client mean (RFC 9113, section 6), in the order in which they come: begins streams, gives them what is theirs, and
 * finds out what may not be. For the connection's I/O thread.
 */
final class ClientFrames implements FrameInput.Receiver {
    private static final HttpString CACHE_STATUS = new HttpString("Cache-Status");

    private final Http2Connection connection;
    private final Http2Serving serving;
    private final FrameOutput output;
    private final FrameBudget budget;
    private final RefusedStreams refusedStreams;
    private final FieldDecoder decoder = new FieldDecoder();
    private final HeadBlock head;
    private boolean settingsCame;
    private int lastStream;
    /** The streams that were left out, the last time some were, lie between these two. */
    private int leftOutAfter;

    private int leftOutBefore;
    private int initialSendWindow = Frames.INITIAL_WINDOW;

    ClientFrames(
            Http2Connection connection,
            Http2Serving serving,
            FrameOutput output,
            FrameBudget budget,
            RefusedStreams refusedStreams) {
        this.connection = connection;
        this.serving = serving;
        this.output = output;
        this.budget = budget;
        this.refusedStreams = refusedStreams;
        head = new HeadBlock(serving.head().head());
    }

    @Override
    public boolean isReady() {
        return connection.hears();
    }

    /** Whether the client has begun a head, or has yet to say what must come first. */
    boolean awaitsMore() {
        return head.isOpen() || !settingsCame;
    }

    /** Whether the connection has begun as it must. */
    boolean haveBegun() {
        return settingsCame;
    }

    /** The highest that the client has begun. */
    int lastStream() {
        return lastStream;
    }

    @Override
    public void frame(int type, int flags, int id, ByteBuffer payload) throws IOException {
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
        if (!connection.received(length)) {
            throw new ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more content than the window has room for");
        }
        Padding.strip(Padding.of(flags, payload), payload);
        boolean ends = has(flags, Frames.END_STREAM);
        if (!payload.hasRemaining() && !ends) {
            budget.spend(Cost.EMPTY);
        }
        Http2Stream stream = connection.stream(id);
        if (stream == null) {
            late(id);
            connection.consumed(length);
            return;
        }
        ErrorCode fault = stream.receive(payload, length, ends);
        if (fault != null) {
            connection.consumed(length);
            connection.reset(stream, fault);
            budget.spend(Cost.FAULT);
        }
    }

    /** Something for a stream that is over: on its way when that ended, or wrong (RFC 9113, section 5.1). */
    private void late(int id) throws ConnectionFault {
        if (!refusedStreams.mayBeOnItsWay(id)) {
            throw new ConnectionFault(ErrorCode.STREAM_CLOSED, "a frame for a stream that is closed");
        }
        budget.spend(Cost.LATE);
    }

    private void headPart(int flags) throws ConnectionFault {
        if (!has(flags, Frames.END_HEADERS)) {
            return;
        }
        connection.headHasEnded();
        int id = head.stream();
        boolean ends = head.endsStream();
        ByteBuffer block = head.end();
        boolean begins = id > lastStream;
        Http2Fields fields = begins ? Http2Fields.ofHead(serving.head()) : Http2Fields.ofTrailers(serving.head());
        decoder.decode(block, fields::field); // always: the blocks that follow build on it
        fields.end(ends);
        if (begins) {
            if (id > lastStream + 2) {
                leftOutAfter = lastStream;
                leftOutBefore = id;
            }
            lastStream = id;
            begin(id, fields, ends);
        } else {
            trailers(id, fields, ends);
        }
    }

    private void trailers(int id, Http2Fields fields, boolean ends) throws ConnectionFault {
        Http2Stream stream = connection.stream(id);
        if (stream == null) {
            if (id > leftOutAfter && id < leftOutBefore) {
                throw protocol("a stream that is lower than the last"); // RFC 9113, section 5.1.1
            }
            late(id);
            return;
        }
        boolean wrong = !ends || fields.malformed() != null || fields.refused() != null || head.dependsOnItself();
        ErrorCode fault = wrong ? ErrorCode.PROTOCOL_ERROR : stream.receiveTrailers();
        if (fault != null) {
            connection.reset(stream, fault);
            budget.spend(Cost.FAULT);
        }
    }

    private void begin(int id, Http2Fields fields, boolean ends) throws ConnectionFault {
        FramingFault refused = fields.refused();
        StreamRefusal forNow = connection.refusal();
        if (forNow != null) {
            refuse(id, ends, fields, forNow);
        } else if (fields.malformed() != null || head.dependsOnItself()) {
            refusedStreams.reset(id, ends, ErrorCode.PROTOCOL_ERROR);
            String malformed = fields.malformed();
            refusedStreams.tell(
                    Refusal.MALFORMED, fields, 0, 0, malformed == null ? "a stream that depends on itself" : malformed);
            budget.spend(Cost.FAULT);
        } else if (refused != null) {
            // An answer like others: behind a proxy one of many users has asked for it, and the others are not to pay.
            answer(id, ends, fields, refused);
            budget.answered();
        } else {
            begin(new Http2Stream(connection, id, fields, ends, initialSendWindow), fields, ends);
        }
    }

    private void begin(Http2Stream stream, Http2Fields fields, boolean ends) throws ConnectionFault {
        if (!connection.add(stream)) {
            refuse(stream.id(), ends, fields, StreamRefusal.MEMORY);
        } else {
            serving.counters().requested();
            Connectors.executeRootHandler(serving.handler(), stream.exchange());
        }
    }

    /** The client may try again, at once or elsewhere: nothing was done for it (RFC 9113, section 8.7). */
    private void refuse(int id, boolean ends, Http2Fields fields, StreamRefusal why) throws ConnectionFault {
        refusedStreams.reset(id, ends, ErrorCode.REFUSED_STREAM);
        refusedStreams.tell(Refusal.REFUSED_STREAM, fields, 0, 0, why.words());
        serving.counters().refused(why);
        budget.spend(Cost.REFUSED);
    }

    /** An error for a request that no exchange is made for. */
    private void answer(int id, boolean ended, Http2Fields request, FramingFault fault) {
        String text = fault.status() + " " + StatusCodes.getReason(fault.status()) + ": " + fault.reason() + "\n";
        boolean fits = Math.min(connection.sendWindow(), initialSendWindow) >= text.length();
        boolean sent = fits && !"HEAD".equals(request.method()); // RFC 9110, section 9.3.2
        HeaderMap fields = new HeaderMap();
        fields.put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        fields.put(Headers.CACHE_CONTROL, "no-store");
        fields.put(CACHE_STATUS, "lastref; detail=refused");
        fields.put(Headers.DATE, HttpDates.format(System.currentTimeMillis() / 1000));
        if (fits) {
            fields.put(Headers.CONTENT_LENGTH, text.length());
        }
        connection.head(id, fault.status(), fields, !sent);
        refusedStreams.tell(
                Refusal.of(fault.status()), request, fault.status(), sent ? text.length() : 0, fault.reason());
        if (sent) {
            connection.sent(text.length());
            output.frame(Frames.DATA, Frames.END_STREAM, id, ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
        }
        if (!ended) {
            refusedStreams.reset(id, false, ErrorCode.NO_ERROR);
        }
    }

    private void priority(int id, ByteBuffer payload) throws ConnectionFault {
        if (id == 0) {
            throw protocol("a priority of the connection");
        }
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
        Http2Stream stream = connection.stream(id);
        if (stream != null) {
            connection.end(stream);
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
        for (Http2Stream stream : connection.streams()) {
            if (!stream.openWindow(by)) {
                throw new ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window that becomes too large");
            }
            connection.wantsToWrite(stream);
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
        if (!connection.endsByClient()) {
            budget.spend(Cost.SETTINGS);
        }
    }

    private void windowUpdate(int id, ByteBuffer payload) throws ConnectionFault {
        checkLength(payload, 4);
        budget.spend(Cost.WINDOW);
        int by = payload.getInt() & Integer.MAX_VALUE;
        if (id == 0) {
            if (by == 0 || !connection.openWindow(by)) {
                throw new ConnectionFault(
                        by == 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.FLOW_CONTROL_ERROR,
                        "a window that opens by nothing, or too far");
            }
            connection.streams().forEach(connection::wantsToWrite);
            return;
        }
        checkBegun(id);
        Http2Stream stream = connection.stream(id);
        if (stream == null) {
            return; // a client cannot know that it is over
        }
        if (by == 0 || !stream.openWindow(by)) {
            connection.reset(stream, by == 0 ? ErrorCode.PROTOCOL_ERROR : ErrorCode.FLOW_CONTROL_ERROR);
            budget.spend(Cost.FAULT);
        } else {
            connection.wantsToWrite(stream);
        }
    }
}
