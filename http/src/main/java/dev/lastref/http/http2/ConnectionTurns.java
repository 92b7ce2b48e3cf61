package dev.lastref.http.http2;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.StreamConnection;

/**
 * What a connection does when its client has sent something, or takes something: reads some frames, hands them on, and writes what came of
 * that, in one go; then it is another connection's turn. While a turn runs nothing else writes. For the connection's I/O thread.
 */
final class ConnectionTurns {
    private static final System.Logger LOG = System.getLogger(Http2Connection.class.getName());
    private static final int READS_A_TURN = 8;

    private final Http2Connection connection;
    private final StreamConnection channel;
    private final Http2Serving serving;
    private final FrameInput input;
    private final FrameOutput output;
    private final ClientFrames frames;
    private final RunningStreams streams;
    private final ConnectionWatch watch;
    private final ConnectionEnd end;

    /** The client has ended its side: it neither asks for more nor opens windows. */
    private boolean heardAll;

    private volatile boolean flushed = true;
    private boolean inTurn;
    private boolean turnAsked;
    private boolean readsHeld;

    ConnectionTurns(
            Http2Connection connection,
            Http2Serving serving,
            FrameInput input,
            FrameOutput output,
            ClientFrames frames,
            RunningStreams streams,
            ConnectionWatch watch,
            ConnectionEnd end) {
        this.connection = connection;
        this.channel = connection.channel();
        this.serving = serving;
        this.input = input;
        this.output = output;
        this.frames = frames;
        this.streams = streams;
        this.watch = watch;
        this.end = end;
    }

    /** The client has sent something, or has ended its side. */
    void readable() {
        if (end.isClosed()) {
            return;
        }
        inTurn = true;
        try {
            read();
        } catch (ConnectionFault fault) {
            connection.end(fault);
        } catch (NoBuffer none) {
            endFor(none);
        } catch (IOException clientIsGone) {
            connection.close();
        } catch (RuntimeException fault) {
            LOG.log(System.Logger.Level.ERROR, "a connection of HTTP/2", fault);
            connection.end(new ConnectionFault(ErrorCode.INTERNAL_ERROR, "a fault of ours"));
        }
        endTurn();
    }

    private void read() throws IOException {
        input.drainTo(frames);
        for (int i = 0; i < READS_A_TURN; i++) {
            if (end.isClosing()) {
                watch.drop(channel.getSourceChannel());
                return;
            }
            if (end.isClosed()) {
                return;
            }
            if (!connection.hears()) {
                readsHeld = true;
                input.park();
                channel.getSourceChannel().suspendReads();
                return;
            }
            int n = input.read(channel.getSourceChannel());
            if (n < 0) {
                hasHeardAll();
                return;
            }
            if (n == 0) {
                watch.awaitsHead(frames.awaitsMore() || input.owesControl());
                return;
            }
            input.drainTo(frames);
        }
        channel.getSourceChannel().wakeupReads(); // others get their turn
    }

    /**
     * The client has shut down its side (a FIN, or TLS's close_notify), and may read on: what it has asked for is served, as far as its
     * windows reach.
     */
    private void hasHeardAll() {
        heardAll = true;
        input.close();
        channel.getSourceChannel().suspendReads(); // it would be readable for ever
        watch.awaitsHead(false);
        streams.copy().stream()
                .filter(stream -> !stream.isRemoteEnded())
                .forEach(stream -> connection.reset(stream, ErrorCode.CANCEL)); // the rest of its request will not come
        if (streams.isEmpty() && output.isFlushed()) {
            connection.close();
            return;
        }
        end.byClient();
        streams.all().forEach(connection::wantsToWrite); // to find out what waits for a window
        watch.arm();
    }

    /** Has a client that has said all, and may be gone, answer by TCP at least: with a reset, if it is. */
    void probe() {
        if (heardAll && output.takesControl() && end.isHeard()) {
            output.frame(Frames.PING, 0, 0, ByteBuffer.allocate(8));
        }
    }

    /** The client takes something, or there is something to be said. */
    void run() {
        if (!end.isClosed()) {
            inTurn = true;
            endTurn();
        }
    }

    /** The same at once, where many connections have something to say together: else each would hold a buffer until all have said it. */
    void now() {
        if (!inTurn) {
            run();
        }
    }

    /** Something is to be written, or to be looked at; when whoever runs now has ended. */
    void soon() {
        if (!inTurn && !turnAsked && !end.isClosed()) {
            turnAsked = true;
            connection.execute(() -> {
                turnAsked = false;
                run();
            });
        }
    }

    private void endTurn() {
        try {
            if (!end.isClosed()) {
                write();
            }
        } catch (NoBuffer none) {
            endFor(none);
        } catch (IOException clientIsGone) {
            connection.close();
        } finally {
            inTurn = false;
        }
    }

    /** Left open it would hang, and keep what it has. */
    private void endFor(NoBuffer none) {
        if (serving.frames().isTimeToTell()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "reset a connection of HTTP/2 from {0}: {1}; others within 10 s are not told of",
                    channel.getPeerAddress(),
                    none.getMessage());
        }
        connection.reset();
    }

    private void write() throws IOException {
        streams.write(output, !heardAll);
        if (heardAll) {
            endWhatAwaitsWindows();
        }
        if (end.isClosed()) {
            return;
        }
        boolean all = output.flush();
        if (flushed != all) {
            flushed = all;
        }
        if (!all) {
            channel.getSinkChannel().resumeWrites();
            watch.arm();
        } else {
            channel.getSinkChannel().suspendWrites();
            if (streams.isAnyQueued()) {
                channel.getSinkChannel().wakeupWrites();
            }
        }
        goOnReading();
        if (streams.isEmpty()) {
            end.noneRuns();
        }
        if (end.isClosing() && output.isFlushed()) {
            shutDown();
        }
    }

    private void endWhatAwaitsWindows() {
        streams.copy().stream()
                .filter(Http2Stream::isBlockedForGood)
                .forEach(stream -> connection.reset(stream, ErrorCode.CANCEL));
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

    /** Whether the kernel has taken all that was said so far. Any thread. */
    boolean isFlushed() {
        return flushed;
    }
}
