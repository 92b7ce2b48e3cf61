package dev.lastref.http.origin;

import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.ResponseParser;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * One request to an origin: gets a connection by an {@link OriginRoute}, sends the request, hands the response's head to the fetch and
 * its content to a {@link ResponseBody}. All on one I/O thread.
 *
 * <pre>
 *  CONNECTING ──► SENT ──head──► ANSWERED ──last byte──► DONE
 *      ▲           │ │
 *      └───────────┘ └──101──► DONE: the connection is the client's
 *   (the connection broke before an answer began; once, if the request can be repeated)
 * </pre>
 *
 * <p>The origin may answer before it has the request's content (RFC 9112, section 9.5): its answer counts, even if it takes no more.
 */
final class OriginCall implements RequestBody.Owner, OriginRoute.Traveller {
    private enum State {
        CONNECTING,
        SENT,
        ANSWERED,
        DONE
    }

    private static final System.Logger LOG = System.getLogger(OriginCall.class.getName());

    /** After this the client's content is sent even if the origin has not asked for it (RFC 9110, section 10.1.1). */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** A client that sends less within lastref.limits.body-timeout only keeps us and the origin busy. */
    private static final int LEAST_CONTENT_BYTES = 1024;

    private static final int MOST_INTERIM = 64;
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;

    private final OriginClient client;
    private final XnioIoThread thread;
    private final OriginRequest request;
    private final Fetch fetch;
    private final Deadline deadline;
    private final Deadline patience;
    private final Deadline contentDeadline;
    private final ResponseParser parser = new ResponseParser();

    private final OriginRoute route;

    private State state = State.CONNECTING;
    private long sentNanos;
    /** When the origin had all of the request; until then, as {@link #sentNanos}. */
    private long allSentNanos;

    private long writtenBefore;
    private long receivedBefore;
    private int interim;
    private @Nullable OriginConnection connection;
    private @Nullable PooledByteBuffer pooled;
    private @Nullable ByteBuffer unsentHead;
    private @Nullable PooledByteBuffer headBuffer;
    private @Nullable RequestBody content;
    private @Nullable ResponseBody body;

    OriginCall(OriginClient client, XnioIoThread thread, OriginRequest request, Fetch fetch) {
        this.client = client;
        this.thread = thread;
        this.request = request;
        this.fetch = fetch;
        this.route = new OriginRoute(client, thread, this);
        this.deadline = new Deadline(thread, this::late);
        this.patience = new Deadline(thread, this::sendContent);
        this.contentDeadline = new Deadline(thread, this::contentIsDue);
    }

    void start() {
        client.began(this);
        fetch.whenAbandoned(this::abandoned);
        guarded(route::begin);
    }

    private void abandoned() {
        try {
            thread.execute(() -> fail(FetchFailure.ABANDONED, "nobody waits for the response"));
        } catch (RejectedExecutionException threadEnds) {
            // and the client gives up what is left then
        }
    }

    /** The I/O thread has ended, and whoever calls has seen that. */
    void giveUp() {
        if (!isDone()) {
            try {
                end(false);
            } finally { // who waits for its turn at the origin cannot be told any more
                fetch.fail(FetchFailure.ABANDONED);
            }
        }
    }

    @Override
    public void connected(OriginConnection made) {
        guarded(() -> send(made));
    }

    @Override
    public void unconnected(FetchFailure why, String detail) {
        giveUp(why, detail); // the route has told already of what the origin failed at
    }

    /** A fault of ours must not leave clients waiting: the listeners that call us would only log it. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            LOG.log(System.Logger.Level.ERROR, "while " + state + ", asking for " + request.target(), fault);
            fail(FetchFailure.INTERNAL, fault.toString());
        }
    }

    private void late() {
        RequestBody sending = content;
        if (state == State.SENT
                && sending != null
                && (sending.awaitsClient() || sending.written() - writtenBefore >= LEAST_CONTENT_BYTES)) {
            // While the client's content still comes, the origin cannot be expected to answer.
            writtenBefore = sending.written();
            deadline.in(client.timeouts().firstByte());
            return;
        }
        fail(FetchFailure.TIMED_OUT, "no response in time");
    }

    /** Looks whether the client's content moves, as long as some of it is to come. */
    private void contentIsDue() {
        RequestBody sending = content;
        if (state != State.SENT || sending == null) {
            return;
        }
        if (sending.awaitsClient() && sending.received() - receivedBefore < LEAST_CONTENT_BYTES) {
            client.listener().contentTimedOut();
            fail(
                    FetchFailure.CLIENT_TIMED_OUT,
                    "the client's content: less than " + LEAST_CONTENT_BYTES + " bytes came in "
                            + client.timeouts().content().toMillis() / 1000.0 + " s");
            return;
        }
        receivedBefore = sending.received();
        contentDeadline.in(client.timeouts().content());
    }

    // ---- the request

    private void send(OriginConnection to) {
        freeHead(); // of an attempt that came to nothing
        freeBuffer();
        connection = to;
        state = State.SENT;
        sentNanos = client.now();
        allSentNanos = sentNanos;
        parser.reset();
        deadline.in(client.timeouts().firstByte());
        headBuffer = client.buffers().allocate();
        unsentHead = RequestHead.of(request, headBuffer.getBuffer());
        to.listen(() -> guarded(this::readable), () -> guarded(this::writable));
        to.resumeReads();
        writable();
    }

    private void writable() {
        OriginConnection to = connection;
        ByteBuffer head = unsentHead;
        RequestBody sending = content;
        if (to == null) {
            return;
        }
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
            originTakesNoMore(e);
            return;
        }
        to.suspendWrites();
        freeHead();
        OriginRequest.Content follows = request.content();
        if (follows == null) {
            fetch.sent();
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

    private void sendContent() {
        patience.clear();
        OriginConnection to = connection;
        OriginRequest.Content follows = request.content();
        if (to != null && follows != null && content == null && state == State.SENT) {
            RequestBody started = new RequestBody(follows, to, client.buffers(), this);
            content = started;
            contentDeadline.in(client.timeouts().content());
            guarded(started::start);
        }
    }

    @Override
    public void clientBroke(FetchFailure why, String detail) {
        fail(why, "the client's content: " + detail);
    }

    /** What the client took for it is not the origin's time. */
    @Override
    public void contentSent() {
        fetch.sent();
        allSentNanos = client.now();
        contentDeadline.clear();
        if (state == State.SENT) {
            deadline.in(client.timeouts().firstByte());
        }
    }

    /** It may have answered before: what it has sent is still there to be read. */
    @Override
    public void originTakesNoMore(IOException why) {
        if (state == State.SENT) {
            readable();
        }
    }

    // ---- the response

    private void readable() {
        if (state == State.ANSWERED && body != null) {
            body.read();
        } else if (state == State.SENT) {
            readHead();
        } else if (connection != null) {
            connection.suspendReads();
        }
    }

    private void readHead() {
        OriginConnection from = connection;
        while (from != null && from == connection && state == State.SENT) {
            ByteBuffer buffer = buffer();
            buffer.clear();
            int n;
            try {
                n = from.read(buffer);
            } catch (IOException e) {
                broken(e.toString());
                return;
            }
            if (n == 0) {
                freeBuffer();
                return;
            }
            if (n < 0) {
                broken("the connection ended");
                return;
            }
            buffer.flip();
            heads(buffer);
        }
    }

    /** One or several heads: those of interim responses come before the one that counts. */
    private void heads(ByteBuffer buffer) {
        while (buffer.hasRemaining() && state == State.SENT) {
            buffer.position(parser.parse(buffer, buffer.position(), buffer.limit()));
            FramingFault fault = parser.fault();
            if (fault != null) {
                fail(FetchFailure.MALFORMED, fault.reason());
            } else if (parser.isDone() && parser.status() < 200) {
                interim(buffer);
            } else if (parser.isDone()) {
                answered(buffer);
            }
        }
    }

    private void interim(ByteBuffer buffer) {
        int status = parser.status();
        FieldList fields = parser.fields();
        boolean http11 = parser.isHttp11();
        parser.reset();
        OriginRequest.Interim listener = request.interim();
        if (status == SWITCHING) {
            switched(fields, buffer);
        } else if (++interim > MOST_INTERIM) {
            fail(FetchFailure.MALFORMED, "more than " + MOST_INTERIM + " interim responses");
        } else if (status == CONTINUE) {
            sendContent();
        } else if (listener != null) {
            FieldList endToEnd = HopByHop.of(fields).strip(fields).toBuilder()
                    .remove("Content-Length") // RFC 9110, section 8.6
                    .build();
            listener.responded(status, Via.added(endToEnd, http11));
        }
    }

    private void switched(FieldList fields, ByteBuffer behind) {
        OriginRequest.Upgrade upgrade = request.upgrade();
        OriginConnection switching = connection;
        if (upgrade == null || switching == null) {
            fail(FetchFailure.MALFORMED, "a change of protocol that nobody asked for");
            return;
        }
        String fault = Switching.faultOf(fields, upgrade.protocols());
        if (fault != null) {
            fail(FetchFailure.MALFORMED, fault);
            return;
        }
        state = State.DONE;
        client.ended(this);
        route.answered(client.now() - allSentNanos);
        deadline.clear();
        contentDeadline.clear();
        connection = null;
        switching.suspendReads();
        switching.suspendWrites();
        ByteBuffer kept = ByteBuffer.allocate(behind.remaining()).put(behind).flip();
        freeBuffer();
        upgrade.switched(
                fields,
                new Tunnel(
                        switching.channel(),
                        kept,
                        client.buffers(),
                        client.timeouts().idle(),
                        route.handOver()));
    }

    private void answered(ByteBuffer buffer) {
        OriginConnection from = connection;
        PooledByteBuffer mine = pooled;
        ResponseFraming framing = ResponseFraming.of(request.method(), parser);
        if (framing == null || from == null || mine == null) {
            fail(FetchFailure.MALFORMED, "status " + parser.status() + " with framing that contradicts itself");
            return;
        }
        state = State.ANSWERED;
        route.answered(client.now() - allSentNanos);
        patience.clear();
        deadline.in(client.timeouts().idle());
        pooled = null;
        ResponseBody begun = new ResponseBody(this, from, framing, mine);
        body = begun;
        buffer.limit(buffer.position()); // the rest is the body's
        fetch.respond(request.method(), framing.head(), sentNanos);
        begun.start();
    }

    /** The connection broke before there was an answer. */
    private void broken(String why) {
        String mistrust = connection == null ? null : connection.mistrust();
        if (mistrust != null) { // nothing was sent
            readyForAnother();
            route.lost(FetchFailure.UNTRUSTED, mistrust);
            return;
        }
        if (connection != null && request.canBeRepeated() && interim == 0 && !parser.hasBegun()) {
            readyForAnother();
            if (route.again(why)) {
                return;
            }
            giveUp(FetchFailure.BROKEN, why);
        } else {
            fail(FetchFailure.BROKEN, why);
        }
    }

    private void readyForAnother() {
        state = State.CONNECTING;
        connection = null;
        deadline.clear();
        freeBuffer();
        freeHead();
    }

    private ByteBuffer buffer() {
        PooledByteBuffer mine = pooled;
        if (mine == null) {
            mine = client.buffers().allocate();
            pooled = mine;
        }
        return mine.getBuffer();
    }

    private void freeBuffer() {
        if (pooled != null) {
            pooled.close();
            pooled = null;
        }
    }

    // ---- for the body

    XnioIoThread thread() {
        return thread;
    }

    Fetch fetch() {
        return fetch;
    }

    OriginClient client() {
        return client;
    }

    /** Content came, so the origin is alive. */
    void progressed() {
        deadline.in(client.timeouts().idle());
    }

    /** The readers are slow, which is not the origin's fault. */
    void paused() {
        deadline.clear();
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /**
     * The response came whole.
     *
     * @param reusable whether the connection can take another request
     */
    void complete(boolean reusable) {
        if (isDone()) {
            return;
        }
        boolean sent = unsentHead == null && (request.content() == null || (content != null && content.isSent()));
        end(reusable && sent);
        fetch.complete();
    }

    void fail(FetchFailure why, String detail) {
        if (isDone()) {
            return;
        }
        if (why.isOrigins() && connection != null) {
            route.failed(detail);
        }
        giveUp(why, detail);
    }

    private void giveUp(FetchFailure why, String detail) {
        if (isDone()) {
            return;
        }
        client.failures().failed(route.toString(), request, why, detail);
        end(false);
        fetch.fail(why);
    }

    private void end(boolean reusable) {
        state = State.DONE;
        client.ended(this);
        deadline.clear();
        patience.clear();
        contentDeadline.clear();
        if (content != null) {
            content.stop();
        }
        if (body != null) {
            body.free();
        }
        freeBuffer();
        freeHead();
        connection = null;
        route.end(reusable);
    }
}
