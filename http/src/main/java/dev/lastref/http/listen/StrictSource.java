package dev.lastref.http.listen;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusal;
import dev.lastref.http.message.AddressText;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.RequestScanner;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.ConnectionUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.ssl.SslConnection;

/**
 * What a client sends, up to the first byte that is wrong: the server's parser never sees that one. A fault in a request's head is
 * answered from here, once the server has answered what came before and asks for more; who reads content asks {@link #scanner()}
 * why no more of it comes.
 *
 * <p>A request that an {@link EarlyResponder} answers never reaches the server at all. While its answer is on the way, what the client
 * sends behind it waits.
 *
 * <p>For the connection's I/O thread.
 */
public final class StrictSource extends ReadAlike {
    private static final System.Logger LOG = System.getLogger(StrictSource.class.getName());

    private enum Reading {
        GOES_ON,
        /** The client has gone, or all is said to it: others, who have gone too, are ended together with it. */
        PUT_OFF,
        /** The server is told that nothing more comes. */
        OVER
    }

    private final StreamConnection connection;
    private final ClientConnection client;
    /** Null: all requests so far were answered early. */
    private @Nullable FollowedRequests followed;

    private boolean refused;
    /** Whether an early answer was the last. */
    private boolean finished;

    private Reading reading = Reading.GOES_ON;
    /** After all was said. */
    private final DroppedBytes rest;

    private @Nullable EarlyResponder early;
    /** Read, not gone over: before this was there, or behind a request whose early answer is on the way. */
    private @Nullable ByteBuffer waiting;
    /** Of the memory, for it. */
    private int heldWaiting;

    private StrictSource(StreamConnection connection, ClientConnection client, @Nullable PooledByteBuffer first) {
        super(connection.getSourceChannel().getConduit());
        this.connection = connection;
        this.client = client;
        rest = new DroppedBytes(next);
        if (first != null) {
            waiting = ByteBuffer.allocate(first.getBuffer().remaining())
                    .put(first.getBuffer())
                    .flip();
            first.close();
        }
    }

    /**
     * Puts it in front of a connection on which no request has been read.
     *
     * @param first what has been read of it already, if anything has; freed by this
     */
    static StrictSource install(
            StreamConnection connection, ClientConnection client, @Nullable PooledByteBuffer first) {
        StrictSource made = new StrictSource(connection, client, first);
        connection.getSourceChannel().setConduit(made);
        client.readThrough(made);
        return made;
    }

    /** The one that an exchange's request came through; null if its connection was opened without. */
    public static @Nullable StrictSource of(HttpServerExchange exchange) {
        return exchange.getConnection() instanceof AbstractServerConnection connection
                        && connection.getOriginalSourceConduit() instanceof StrictSource source
                ? source
                : null;
    }

    public StreamConnection connection() {
        return connection;
    }

    /** Of the requests that the server sees. */
    public RequestScanner scanner() {
        return followed().scanner();
    }

    private FollowedRequests followed() {
        FollowedRequests made = followed;
        if (made == null) {
            made = new FollowedRequests(client, this::headIsLate);
            followed = made;
        }
        return made;
    }

    /** Asks this one from now on before the server is. */
    void askFirst(EarlyResponder responder) {
        early = responder;
    }

    /** The early answer has gone out: goes on with what has come behind its request. */
    public void proceed() {
        if (waiting == null) {
            resumeReads();
        } else {
            wakeupReads();
        }
    }

    /** The early answer has gone out, and was the last: says so, and waits for the client's end. */
    public void finish() {
        finished = true;
        try {
            connection.getSinkChannel().shutdownWrites();
            connection.getSinkChannel().flush();
        } catch (IOException clientIsGone) {
            IoUtils.safeClose(connection);
            return;
        }
        // After whoever reads has gone back to waiting: it would take the connection's state for its own.
        client.execute(() -> ConnectionUtils.cleanClose(connection));
    }

    /** Whether a request runs on the connection that the server knows of, or whose early answer is on the way. */
    public boolean isBusy() {
        return client.isBusy();
    }

    ClientConnection client() {
        return client;
    }

    /** Whether what it reads, and what is sent on its connection, goes through TLS. */
    public boolean isSecured() {
        return client.isSecured();
    }

    /** Whose connection it is: as a trusted proxy has named it, else the other end. */
    public InetAddress address() {
        return client.client();
    }

    /** Whether the connection speaks another protocol by now. */
    boolean isUpgraded() {
        FollowedRequests made = followed;
        return made != null && made.scanner().isUpgraded();
    }

    /** Whether all that came was whole requests. */
    boolean isBetweenRequests() {
        FollowedRequests made = followed;
        return (made == null || made.scanner().isBetweenRequests()) && waiting == null;
    }

    /** Whether a part of a head has come, and more is awaited. */
    boolean isWithinHead() {
        FollowedRequests made = followed;
        return waiting != null || (made != null && made.scanner().isWithinHead() && !refused);
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        if (reading == Reading.PUT_OFF || isSendingEarly()) {
            return 0;
        }
        if (reading == Reading.OVER) {
            return -1;
        }
        if (isAllSaid()) {
            return readAfterEnd();
        }
        FollowedRequests made = followed;
        int n = made == null ? readFirst(buffer) : readOn(made, buffer);
        if (n == 0 && client.memory().isScarce() && isHoldingRecord()) {
            made = followed();
            made.scanner().refuseHead(FramingFault.NO_ROOM);
            return fail(made, FramingFault.NO_ROOM, buffer);
        }
        return n;
    }

    /** Whether TLS holds a part of a record with which a request begins. */
    private boolean isHoldingRecord() {
        return connection instanceof SslConnection secured
                && isAtRequest()
                && !isSendingEarly()
                && !isAllSaid()
                && ServerTls.engine(secured).isWithinRecord();
    }

    /** While all requests are answered early. */
    private int readFirst(ByteBuffer buffer) throws IOException {
        int from = buffer.position();
        int n = receive(buffer);
        if (n <= 0) {
            buffer.position(from);
            return n < 0 && leaves() ? 0 : n;
        }
        return goOver(buffer, from, from + n);
    }

    private int readOn(FollowedRequests made, ByteBuffer buffer) throws IOException {
        FramingFault fault = made.scanner().fault();
        if (fault != null) {
            return fail(made, fault, buffer);
        }
        int from = buffer.position();
        if (made.scanner().awaitsNext()) {
            buffer.put((byte) ':');
        }
        int n = receive(buffer);
        if (n <= 0) {
            buffer.position(from);
            return n < 0 && leaves() ? 0 : n;
        }
        return goOver(buffer, from, buffer.position());
    }

    /** Has answered early what can be; the rest is what the server gets. */
    private int goOver(ByteBuffer buffer, int from, int read) throws IOException {
        client.isActive();
        EarlyResponder responder = early;
        int to = responder == null || !isAtRequest() ? read : answerEarlyOrReset(responder, buffer, from, read);
        if (to == from) {
            buffer.position(from);
            return 0;
        }
        FollowedRequests made = followed();
        int end = made.goOver(buffer, from, to);
        buffer.position(end);
        // What is wrong is said when the server asks for more: by then it has dealt with what was right.
        FramingFault fault = made.scanner().fault();
        return end > from || fault == null ? end - from : fail(made, fault, buffer);
    }

    /** Whether what comes next begins a request, and the server has dealt with those before. */
    private boolean isAtRequest() {
        FollowedRequests made = followed;
        return made == null || made.scanner().isAtRequest();
    }

    private void headIsLate() {
        if (!refused && !isAllSaid()) {
            refused = true;
            client.tally().timedOut(ConnectionTally.TimedOut.SLOW_HEAD);
            refuse(FramingFault.HEAD_TIMEOUT);
        }
    }

    private void refuse(FramingFault fault) {
        FaultyHead.refuse(client, connection, rest, followed().headStart(), fault);
    }

    void stopTimer() {
        FollowedRequests made = followed;
        if (made != null) {
            made.stopTimer();
        }
    }

    /** A request has its answer. */
    void requestEnds() {
        FollowedRequests made = followed;
        if (made != null) {
            made.requestEnds();
        }
    }

    /**
     * Something comes to be held on the heap until the client takes what was said to it.
     *
     * @throws IOException if there is no room for it: the connection is reset
     */
    public void hold(int bytes) throws IOException {
        if (!client.memory().take(bytes)) {
            client.refusals().count(Refusal.MEMORY);
            reset();
            throw new IOException("no memory for what the client does not take");
        }
    }

    /** It is held no more. */
    public void release(int bytes) {
        client.memory().give(bytes);
    }

    /** The connection is closed. */
    void closed() {
        EarlyResponder responder = early;
        if (responder != null) {
            responder.closed();
        }
    }

    private boolean isSendingEarly() {
        return early != null && early.isSending();
    }

    /** Between requests there is nothing to say to a client that has gone. */
    private boolean leaves() {
        if (!isBetweenRequests() || isUpgraded() || client.isBusy() || client.isSecured()) {
            return false;
        }
        putOff();
        client.leaves();
        return true;
    }

    /** Nothing is read any more; the connection is about to be closed. */
    void stop() {
        putOff();
    }

    private void putOff() {
        reading = Reading.PUT_OFF;
        next.suspendReads();
    }

    /** What is said has been ended, and the client is to do so too. */
    private boolean isAllSaid() {
        if (early != null && followed == null) { // the server has not heard of it: nobody else ends anything
            return finished || client.isEndedHere();
        }
        return !client.isBusy()
                && !isUpgraded()
                && connection.getSinkChannel().getConduit().isWriteShutdown();
    }

    /**
     * What comes now is of no use, but must be read: to close a connection with something unread resets it, and takes from the client
     * what the kernel has not got through to it yet (RFC 9112, section 9.6). The server would close at the first byte; it does so after
     * some seconds.
     */
    private int readAfterEnd() throws IOException {
        if (client.isSecured() || Thread.currentThread() != connection.getIoThread()) {
            return rest.drop();
        }
        putOff();
        client.lingers(this::readToEnd);
        return 0;
    }

    /** On any thread. */
    private void readToEnd() {
        try {
            if (rest.drop() == 0) {
                client.execute(this::goOnReading);
                return;
            }
        } catch (IOException clientIsGone) {
            // as it should be
        }
        IoUtils.safeClose(connection);
        client.execute(this::tellEnd);
    }

    private void goOnReading() {
        if (connection.isOpen()) {
            reading = Reading.GOES_ON;
            next.resumeReads();
        }
    }

    /** The server keeps a timer for a connection that it has not seen the end of. */
    private void tellEnd() {
        reading = Reading.OVER;
        ConduitStreamSourceChannel channel = connection.getSourceChannel();
        ChannelListeners.invokeChannelListener(channel, channel.getReadListener());
    }

    private int receive(ByteBuffer buffer) throws IOException {
        ByteBuffer before = waiting;
        if (before == null) {
            try {
                return next.read(buffer);
            } catch (IOException reset) {
                if (leaves()) {
                    return 0;
                }
                throw reset;
            }
        }
        int n = Math.min(before.remaining(), buffer.remaining());
        buffer.put(buffer.position(), before, before.position(), n);
        buffer.position(buffer.position() + n);
        before.position(before.position() + n);
        if (!before.hasRemaining()) {
            waiting = null;
            release(heldWaiting);
            heldWaiting = 0;
        }
        return n;
    }

    /** Where an answer fails for a fault of ours, a part of it may be with the client: nobody must say anything behind that. */
    private int answerEarlyOrReset(EarlyResponder responder, ByteBuffer buffer, int from, int to) throws IOException {
        try {
            return answerEarly(responder, buffer, from, to);
        } catch (RuntimeException | Error fault) {
            LOG.log(System.Logger.Level.ERROR, "an early answer to " + AddressText.of(address()), fault);
            reset();
            throw new IOException("a fault of ours", fault);
        }
    }

    /** Ends the connection so that what its client has got is no whole response. */
    public void reset() {
        client.reset();
    }

    /**
     * Has one request after the other answered early, up to one that is not.
     *
     * @return up to where the buffer has what the server gets, from {@code from} on
     */
    private int answerEarly(EarlyResponder responder, ByteBuffer buffer, int from, int to) throws IOException {
        int at = from;
        while (at < to) {
            int end = responder.answer(buffer, at, to);
            if (end == at) {
                break;
            }
            at = end;
            if (responder.isSending()) {
                next.suspendReads();
                keep(buffer, at, to);
                at = to;
            } else if (finished) { // what comes behind the last request is nobody's
                at = to;
            }
        }
        int left = to - at;
        if (at > from && left > 0) {
            buffer.put(from, buffer, at, left);
        }
        return from + left;
    }

    private void keep(ByteBuffer buffer, int from, int to) throws IOException {
        ByteBuffer behind = waiting;
        int length = to - from + (behind == null ? 0 : behind.remaining());
        if (length == 0) {
            return;
        }
        hold(length);
        release(heldWaiting);
        heldWaiting = length;
        ByteBuffer all = ByteBuffer.allocate(length).put(0, buffer, from, to - from);
        if (behind != null) {
            all.put(to - from, behind, behind.position(), behind.remaining());
        }
        waiting = all;
    }

    /** Drops what comes. */
    private int fail(FollowedRequests made, FramingFault fault, ByteBuffer buffer) throws IOException {
        if (made.scanner().isFaultInHead() && !refused) {
            refused = true;
            // After the server has gone back to waiting: it would take the connection's state for its own.
            client.execute(() -> refuse(fault));
            return 0;
        }
        int from = buffer.position();
        int n = next.read(buffer);
        buffer.position(from);
        return Math.min(n, 0);
    }

    /** A fault behind what was read already: the socket may have nothing more to wake anybody with. */
    @Override
    public void resumeReads() {
        if (reading == Reading.PUT_OFF || isSendingEarly()) {
            return; // until it is sent
        }
        FollowedRequests made = followed;
        if (made != null && made.scanner().isFaultInHead() && !refused) {
            wakeupReads();
        } else {
            super.resumeReads();
        }
    }
}
