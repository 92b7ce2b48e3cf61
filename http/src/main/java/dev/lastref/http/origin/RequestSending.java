package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * Sends one request on one connection: its head, and then its content, at once or, where the client waits to be asked for it, when the
 * origin has asked, or has said nothing for a while. Looks whether the client's content moves, as long as there is no answer.
 *
 * <p>Whoever begins it stops it. All on the connection's I/O thread.
 */
final class RequestSending implements RequestBody.Owner {
    /** After this the client's content is sent even if the origin has not asked for it (RFC 9110, section 10.1.1). */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** A client that sends less within lastref.limits.body-timeout only keeps us and the origin busy. */
    private static final int LEAST_CONTENT_BYTES = 1024;

    /** Whose request it is. */
    interface Owner {
        /** All of it is written, its content included. */
        void sent();

        /** The client's content ended early, is none, or does not come. */
        void clientBroke(FetchFailure why, String detail);

        /** The origin takes no more; it may have said why. */
        void originTakesNoMore(IOException why);

        /** Runs a step, of which a fault is the end of the request. */
        void guarded(Runnable step);
    }

    private final OriginClient client;
    private final OriginRequest request;
    private final OriginConnection to;
    private final Owner owner;
    private final Deadline patience;
    private final Deadline contentDeadline;

    private @Nullable ByteBuffer unsentHead;
    private @Nullable PooledByteBuffer headBuffer;
    private @Nullable RequestBody content;
    /** There is an answer, or none is awaited any more: content that was not begun is not begun. */
    private boolean answered;

    private long writtenBefore;
    private long receivedBefore;

    RequestSending(OriginClient client, XnioIoThread thread, OriginRequest request, OriginConnection to, Owner owner) {
        this.client = client;
        this.request = request;
        this.to = to;
        this.owner = owner;
        this.patience = new Deadline(thread, this::sendContent);
        this.contentDeadline = new Deadline(thread, this::contentIsDue);
    }

    void begin() {
        PooledByteBuffer pooled = client.buffers().allocate();
        headBuffer = pooled;
        unsentHead = RequestHead.of(request, pooled.getBuffer());
        writable();
    }

    /** The connection takes something. */
    void writable() {
        ByteBuffer head = unsentHead;
        RequestBody sending = content;
        if (head == null) {
            if (sending == null) {
                to.suspendWrites();
            } else {
                sending.run();
            }
            return;
        }
        try {
            while (head.hasRemaining()) {
                if (to.write(head) == 0) {
                    to.resumeWrites();
                    return;
                }
            }
        } catch (IOException e) {
            to.suspendWrites();
            freeHead();
            owner.originTakesNoMore(e);
            return;
        }
        to.suspendWrites();
        freeHead();
        OriginRequest.Content follows = request.content();
        if (follows == null) {
            owner.sent();
        } else if (follows.awaitsContinue()) {
            patience.in(PATIENCE);
        } else {
            sendContent();
        }
    }

    private void freeHead() {
        unsentHead = null;
        if (headBuffer != null) {
            headBuffer.close();
            headBuffer = null;
        }
    }

    /** The origin has asked for the content, or is asked no more whether it wants it. */
    void sendContent() {
        patience.clear();
        OriginRequest.Content follows = request.content();
        if (follows != null && content == null && !answered) {
            RequestBody started = new RequestBody(follows, to, client.buffers(), this);
            content = started;
            contentDeadline.in(client.timeouts().content());
            owner.guarded(started::start);
        }
    }

    /** Looks whether the client's content moves, as long as some of it is to come. */
    private void contentIsDue() {
        RequestBody sending = content;
        if (answered || sending == null) {
            return;
        }
        if (sending.awaitsClient() && sending.received() - receivedBefore < LEAST_CONTENT_BYTES) {
            client.listener().contentTimedOut();
            owner.clientBroke(
                    FetchFailure.CLIENT_TIMED_OUT,
                    "less than " + LEAST_CONTENT_BYTES + " bytes came in "
                            + client.timeouts().content().toMillis() / 1000.0 + " s");
            return;
        }
        receivedBefore = sending.received();
        contentDeadline.in(client.timeouts().content());
    }

    /** Whether the client's content still comes, or has gone on since this was last asked, so that no answer can be expected yet. */
    boolean keepsOriginWaiting() {
        RequestBody sending = content;
        if (sending == null || (!sending.awaitsClient() && sending.written() - writtenBefore < LEAST_CONTENT_BYTES)) {
            return false;
        }
        writtenBefore = sending.written();
        return true;
    }

    /** Whether nothing of the request is left. */
    boolean isAllSent() {
        return unsentHead == null && (request.content() == null || (content != null && content.isSent()));
    }

    /** The origin has answered. Content that is on its way goes on. */
    void answered() {
        answered = true;
        patience.clear();
        contentDeadline.clear();
    }

    /** Nothing is sent any more. */
    void stop() {
        answered();
        if (content != null) {
            content.stop();
        }
        freeHead();
    }

    // ---- for the content

    @Override
    public void clientBroke(FetchFailure why, String detail) {
        owner.clientBroke(why, detail);
    }

    @Override
    public void contentSent() {
        contentDeadline.clear();
        owner.sent();
    }

    @Override
    public void originTakesNoMore(IOException why) {
        owner.originTakesNoMore(why);
    }
}
