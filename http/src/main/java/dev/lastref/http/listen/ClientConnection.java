package dev.lastref.http.listen;

import dev.lastref.http.http2.Http2Connection;
import dev.lastref.http.http2.Http2Stream;
import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.pool.Peer;
import dev.lastref.pool.linux.TcpSocketInfo;
import dev.lastref.pool.linux.TcpSockets;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.ConnectionUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.Options;
import org.xnio.StreamConnection;

/** One connection that a client has opened: what runs on it, and how it ends. For its I/O thread, except where said. */
final class ClientConnection {
    private static final AttachmentKey<ClientConnection> CLIENT = AttachmentKey.create(ClientConnection.class);

    private final StreamConnection channel;
    private final InetAddress peer;
    /** TLS, if it is spoken. */
    private StreamConnection top;

    private @Nullable InetSocketAddress behindProxy;
    private @Nullable FirstBytes firstBytes;
    private @Nullable StrictSource source;
    private volatile @Nullable Http2Connection http2;
    private @Nullable Peer ledgerPeer;
    private final IdleTimeout idleTimeout;
    private @Nullable Runnable lastWord;
    private boolean endedHere;
    private int running;
    private long activeNanos = System.nanoTime();

    private final ConnectionLimits limits;
    private final HeapShare.Part memory;
    private final HeapShare.Part heap;
    private final Leavers leavers;
    private final Refusals refusals;
    private final ConnectionTally tally;

    /**
     * @param peer the other end of the TCP connection
     * @param leavers of its I/O thread
     * @param refusals is told of requests that are refused before the server sees them
     * @param tally is told of connections that come to nothing
     */
    ClientConnection(
            StreamConnection channel,
            InetAddress peer,
            ConnectionLimits limits,
            Leavers leavers,
            Refusals refusals,
            ConnectionTally tally) {
        this.channel = channel;
        this.peer = peer;
        this.top = channel;
        this.limits = limits;
        this.memory = limits.memory().part();
        this.heap = limits.connections().part();
        this.leavers = leavers;
        this.refusals = refusals;
        this.tally = tally;
        this.idleTimeout = new IdleTimeout(this, limits.idle());
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** What it takes of the heap itself. */
    HeapShare.Part heap() {
        return heap;
    }

    /** What its requests hold on the heap. */
    HeapShare.Part memory() {
        return memory;
    }

    Refusals refusals() {
        return refusals;
    }

    ConnectionTally tally() {
        return tally;
    }

    /** The one that an exchange runs on; null if it was opened without, as on the administration port. */
    static @Nullable ClientConnection of(HttpServerExchange exchange) {
        StrictSource source = StrictSource.of(exchange);
        if (source != null) {
            return source.client();
        }
        Http2Stream stream = Http2Stream.of(exchange);
        return stream == null ? null : stream.connection().getAttachment(CLIENT);
    }

    /** What it speaks is not known yet, and will be by these. */
    void beginsWith(FirstBytes awaited) {
        firstBytes = awaited;
    }

    void readThrough(StrictSource made) {
        source = made;
        idleTimeout.start();
    }

    void speaksHttp2(Http2Connection made) {
        http2 = made;
        heap.add(ConnectionBytes.HTTP2);
        made.putAttachment(CLIENT, this);
        idleTimeout.start();
    }

    private void stopTimers() {
        idleTimeout.cancel();
        if (source != null) {
            source.stopTimer();
        }
    }

    /** It is closed. Perhaps on another thread, and more than once. */
    void closed() {
        stopTimers();
        memory.close();
        heap.close();
        if (source != null) {
            source.closed();
        }
        Peer told = ledgerPeer;
        if (told != null) {
            told.closed();
        }
    }

    /** As the pool's ledger knows it; null: it has not been sent anything from the pool. */
    @Nullable
    Peer ledgerPeer() {
        return ledgerPeer;
    }

    /** The pool's ledger knows it as this one, which is told when it is closed. */
    void isKnownAs(Peer named) {
        ledgerPeer = named;
    }

    /** Its bytes go through TLS. */
    void isOver(StreamConnection tls) {
        top = tls;
    }

    /** Who is behind the proxy that has opened it; null: it has not said. */
    void isFor(@Nullable InetSocketAddress client) {
        behindProxy = client;
    }

    /** As a trusted proxy has named the client; null: none has. */
    @Nullable
    InetSocketAddress behindProxy() {
        return behindProxy;
    }

    /** Who speaks, as far as is known without what requests say. */
    InetAddress client() {
        InetSocketAddress named = behindProxy;
        return named == null ? peer : named.getAddress();
    }

    /** As it was accepted. */
    StreamConnection channel() {
        return channel;
    }

    /** Any thread. */
    InetAddress peer() {
        return peer;
    }

    void requestBegins() {
        running++;
    }

    void requestEnds() {
        running--;
        if (source != null) {
            source.requestEnds();
        }
        isActive();
    }

    /** The client has sent something, or all that it asked for. */
    void isActive() {
        activeNanos = System.nanoTime();
    }

    /** For how long it has had nothing to say, in nanoseconds; 0 while a request runs, or once another protocol does. */
    long idleNanos() {
        return isBusy() || (source != null && source.isUpgraded()) ? 0 : System.nanoTime() - activeNanos;
    }

    /** Whether a request runs on it. */
    boolean isBusy() {
        return running > 0;
    }

    /** Tells the client that it is about to end, where there is a way to say so between requests. */
    void announceEnd() {
        Http2Connection speaking = http2;
        if (speaking != null) {
            speaking.announceEnd();
        }
    }

    /**
     * Ends it in order if nothing runs on it, and nothing of a request has come: the client sees an end of stream. Where requests have
     * streams of their own, it ends when they have.
     */
    void closeIfIdle() {
        StrictSource reading = source;
        Http2Connection speaking = http2;
        if (speaking != null) {
            speaking.finish();
            return;
        }
        if (isBusy() || !channel.isOpen() || hasBegunRequest()) {
            return;
        }
        endedHere = true;
        if (reading != null || top == channel) {
            ConnectionUtils.cleanClose(top);
        } else { // before its first request, perhaps within a handshake
            IoUtils.safeClose(top);
        }
    }

    private boolean hasBegunRequest() {
        StrictSource reading = source;
        return reading != null ? !reading.isBetweenRequests() : isBeginning();
    }

    private boolean isBeginning() {
        FirstBytes awaited = firstBytes;
        return awaited != null && awaited.hasBegun();
    }

    /** Whether a request runs on it, or the rest of a head is to come. Of HTTP/2 only the first is known. */
    boolean isAsking() {
        StrictSource reading = source;
        return isBusy() || (reading != null ? reading.isWithinHead() : isBeginning());
    }

    /** Whether it has been ended from here before it came to anything: that is no failure of its client. */
    boolean isEndedHere() {
        return endedHere;
    }

    /** Whether TLS is spoken, which has something to say at its end, too. */
    boolean isSecured() {
        return top != channel;
    }

    /** The same connection for who closes it on its I/O thread, however many there are. Nobody reads the accepted one any more. */
    StreamConnection closedLater() {
        return new ClosedLater(channel, this::leaves, this::lingers);
    }

    /** It is not what it should be: what is spoken on it ends it, and in place of that this is to answer, and to end it. */
    void saysLast(Runnable answerAndEnd) {
        lastWord = answerAndEnd;
    }

    /** Its client has gone, or is not waited for; and it is not read any more: has it closed, soon. */
    void leaves() {
        stopTimers(); // what is left to do may be another thread's
        Runnable answer = lastWord;
        if (answer != null) {
            lastWord = null;
            execute(answer); // once whoever ends it has done so
            return;
        }
        leavers.add(() -> IoUtils.safeClose(channel));
    }

    /** All is said: has its last bytes read, soon. */
    void lingers(Runnable read) {
        leavers.add(read);
    }

    /** Ends it since its client has been silent for too long. */
    void closeSilent() {
        if (!channel.isWriteShutdown()) { // else we have ended it, and waited for the client to do so
            tally.timedOut(ConnectionTally.TimedOut.IDLE);
        }
        Http2Connection speaking = http2;
        if (speaking != null) {
            speaking.finishSilent();
            return;
        }
        if (source != null) {
            source.stop();
        }
        if (isSecured()) {
            IoUtils.safeClose(top); // which leaves, too
        } else {
            leaves();
        }
    }

    /**
     * Whether something that it has said is still with us or with the kernel, and would be lost if it was closed and the client said
     * something then, as clients of HTTP/2 do while they read. Any thread.
     */
    boolean isSaying(TcpSockets sockets) throws IOException {
        Http2Connection speaking = http2;
        InetSocketAddress local = channel.getLocalAddress(InetSocketAddress.class);
        InetSocketAddress remote = channel.getPeerAddress(InetSocketAddress.class);
        if (speaking == null || local == null || remote == null || !channel.isOpen()) {
            return false;
        }
        TcpSocketInfo found = sockets.find(local, remote);
        return found != null && (found.sendQueue() > 0 || !speaking.isFlushed());
    }

    /** Ends it at once, whatever runs. */
    void close() {
        endedHere = true;
        Http2Connection speaking = http2;
        if (speaking != null) {
            speaking.close();
        }
        IoUtils.safeClose(top);
        IoUtils.safeClose(channel); // at once
    }

    /** Ends it so that the client cannot take what it has got for a whole response. */
    void reset() {
        try {
            channel.setOption(Options.CLOSE_ABORT, true);
        } catch (IOException closedAlready) {
            // then there is nothing left to reset
        }
        close();
    }

    /** Runs something on its I/O thread; not if that has ended, with which all its connections are closed. Any thread. */
    void execute(Runnable task) {
        try {
            channel.getIoThread().execute(task);
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(channel);
        }
    }
}
