package dev.lastref.http.early;

import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.pool.Peer;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.conduits.ConduitStreamSinkChannel;

/**
 * Sends one early answer after the other over a connection. Mostly the socket takes all of it at once; if it does not, the rest follows
 * as the client makes room, and until then nothing else of the connection is read. Owns the transmission until it is over or the
 * connection is closed. For the connection's I/O thread.
 */
final class EarlySend implements ChannelListener<ConduitStreamSinkChannel> {
    /** Bounds what one write copies into the socket, so that the unsent limit can stop it. */
    private static final int LARGEST_COPY = 128 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final EarlyHits hits;
    private final StrictSource source;
    private final ClientSink sink;
    private final ByteBuffer[] headAndContent;

    private ByteBuffer head = NOTHING;
    /** Of the memory, for a copy of it. */
    private int heldHead;

    private @Nullable Transmission content;
    private long startPosition;
    private @Nullable EarlyNote note;
    private boolean underWay;
    /** Whether the connection ends with what is being sent. */
    private boolean last;
    /** Whether it was not the connection that kept the last write from going on: the next bytes are in swap. */
    private boolean inSwap;

    /** @param headAndContent of the I/O thread, to write both at once */
    EarlySend(EarlyHits hits, StrictSource source, ClientSink sink, ByteBuffer[] headAndContent) {
        this.hits = hits;
        this.source = source;
        this.sink = sink;
        this.headAndContent = headAndContent;
    }

    /** Whether the client has yet to take a part. */
    boolean isUnderWay() {
        return underWay;
    }

    /**
     * Sends an answer, as far as the socket takes it.
     *
     * @param newHead good until this returns
     * @param newContent what follows it; closed when the send ends
     * @param target what was asked for, for those who look who holds the pool's pages
     * @param newNote what the log is told when the send ends; null: nothing
     * @param isLast whether the connection ends with it
     * @throws IOException if the client is gone
     */
    void begin(
            ByteBuffer newHead,
            @Nullable Transmission newContent,
            String target,
            @Nullable EarlyNote newNote,
            boolean isLast)
            throws IOException {
        last = isLast;
        head = newHead;
        content = newContent;
        note = newNote;
        startPosition = newContent == null ? 0 : newContent.position();
        boolean done;
        try {
            if (newContent != null && isSentByFile(newContent)) {
                name(newContent, target);
            }
            done = write();
        } catch (IOException | RuntimeException e) {
            end(false);
            throw e;
        }
        if (done) {
            end(true);
            if (last) {
                source.finish();
            }
            return;
        }
        if (newContent != null) {
            name(newContent, target);
        }
        head = head.hasRemaining() ? kept(head) : NOTHING;
        underWay = true;
        hits.running().began(source);
        ConduitStreamSinkChannel channel = source.connection().getSinkChannel();
        channel.setWriteListener(this);
        goOnWhenPossible(channel);
    }

    private void goOnWhenPossible(ConduitStreamSinkChannel channel) {
        Transmission swappedOut = content;
        if (!inSwap || swappedOut == null) {
            channel.resumeWrites();
            return;
        }
        inSwap = false;
        channel.suspendWrites();
        swappedOut.bringIn(hits.context().waiting(), () -> {
            try {
                source.connection().getIoThread().execute(() -> {
                    if (content == swappedOut) { // else the connection was closed meanwhile
                        handleEvent(channel);
                    }
                });
            } catch (RejectedExecutionException stopped) {
                // with its I/O thread the connection is gone, too
            }
        });
    }

    private void name(Transmission transmission, String target) {
        Peer peer = hits.peers().of(source, target);
        if (peer != null) {
            transmission.to(peer);
        }
    }

    /** The connection takes bytes again. */
    @Override
    public void handleEvent(ConduitStreamSinkChannel channel) {
        try {
            if (!underWay) {
                return;
            }
            if (!write()) {
                goOnWhenPossible(channel);
                return;
            }
        } catch (IOException clientIsGone) {
            IoUtils.safeClose(source.connection()); // which ends this
            return;
        } catch (RuntimeException fault) { // of ours: nobody else would end it
            source.reset();
            throw fault;
        }
        channel.suspendWrites();
        channel.setWriteListener(null);
        end(true);
        if (last) {
            source.finish();
        } else {
            source.proceed();
        }
    }

    /**
     * The connection is closed, or all is sent.
     *
     * @param whole whether all is
     */
    void end(boolean whole) {
        Transmission sent = content;
        EarlyNote told = note;
        content = null;
        note = null;
        inSwap = false;
        head = NOTHING;
        if (heldHead > 0) {
            source.release(heldHead);
            heldHead = 0;
        }
        if (told != null) {
            hits.log().tell(told.ended(sent == null ? 0 : sent.position() - startPosition, !whole));
        }
        if (sent != null) {
            sent.close();
        }
        if (underWay) {
            underWay = false;
            hits.running().ended(source);
        }
    }

    /** A copy, on the heap until it is sent. */
    private ByteBuffer kept(ByteBuffer rest) throws IOException {
        int length = rest.remaining();
        try {
            source.hold(length);
        } catch (IOException noRoom) {
            end(false);
            throw noRoom;
        }
        heldHead = length;
        return ByteBuffer.allocate(length).put(rest).flip();
    }

    /** What TLS encrypts is copied. */
    private boolean isSentByFile(Transmission transmission) {
        return !source.isSecured()
                && (transmission.available() >= hits.context().sendfileMin() || transmission.sentBytes() > 0);
    }

    /** Sends what the socket takes; returns whether that was all. */
    private boolean write() throws IOException {
        Transmission transmission = content;
        if (transmission == null) {
            return write(head) && sink.flush();
        }
        if (isSentByFile(transmission)) {
            if (!write(head)) {
                return false;
            }
        }
        while (transmission.available() > 0) {
            long resident = transmission.residentBytes();
            if (resident == 0) {
                inSwap = true;
                return false;
            }
            boolean taken = isSentByFile(transmission)
                    ? transmission.transferTo(sink::transferFrom, resident) == resident
                    : copy(transmission, resident);
            if (!taken) { // to ask again now costs a call for a no
                return false;
            }
        }
        // TLS may have taken more than the socket has.
        return !head.hasRemaining() && sink.flush();
    }

    private boolean write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (sink.write(bytes) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether more may be taken: a socket took all that was offered to it, or TLS a record of it. */
    private boolean copy(Transmission transmission, long resident) throws IOException {
        ByteBuffer bytes = transmission.peek((int) Math.min(resident, LARGEST_COPY));
        int length = bytes.remaining();
        int offered = head.remaining() + length;
        headAndContent[0] = head;
        headAndContent[1] = bytes;
        long sent = head.hasRemaining() ? sink.write(headAndContent, 0, 2) : sink.write(bytes);
        transmission.advance(length - bytes.remaining());
        return sent == offered || (sent > 0 && source.isSecured());
    }
}
