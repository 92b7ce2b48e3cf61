package dev.lastref.http.origin;

import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.Reason;
import dev.lastref.http.message.ResponseParser;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * One request to an origin: gets a connection by an {@link OriginRoute}, has the request sent ({@link RequestSending}), hands the
 * response's head to the fetch and its content to a {@link ResponseBody}. All on one I/O thread.
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
final class OriginCall implements RequestSending.Owner, OriginRoute.Traveller {
    private enum State {
        CONNECTING,
        SENT,
        ANSWERED,
        DONE
    }

    private static final System.Logger LOG = System.getLogger(OriginCall.class.getName());

    private static final int MOST_INTERIM = 64;
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;

    private final OriginClient client;
    private final XnioIoThread thread;
    private final OriginRequest request;
    private final Fetch fetch;
    private final Deadline deadline;
    private final ResponseParser parser = new ResponseParser();
    private final HeapShare.Part head;

    private final OriginRoute route;

    private State state = State.CONNECTING;
    private long sentNanos;
    /** When the origin had all of the request; until then, as {@link #sentNanos}. */
    private long allSentNanos;

    private int interim;
    private @Nullable OriginConnection connection;
    private @Nullable PooledByteBuffer pooled;
    private @Nullable RequestSending sending;
    private @Nullable ResponseBody body;

    OriginCall(OriginClient client, XnioIoThread thread, OriginRequest request, Fetch fetch) {
        this.client = client;
        this.thread = thread;
        this.request = request;
        this.fetch = fetch;
        this.head = client.heads().part();
        this.route = new OriginRoute(client, thread, this);
        this.deadline = new Deadline(thread, this::late);
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
    @Override
    public void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            LOG.log(System.Logger.Level.ERROR, "while " + state + ", asking for " + request.target(), fault);
            fail(FetchFailure.INTERNAL, fault.toString());
        }
    }

    private void late() {
        if (state == State.SENT && sending != null && sending.keepsOriginWaiting()) {
            deadline.in(client.timeouts().firstByte());
            return;
        }
        fail(FetchFailure.TIMED_OUT, "no response in time");
    }

    // ---- the request

    private void send(OriginConnection to) {
        stopSending(); // of an attempt that came to nothing
        freeBuffer();
        connection = to;
        state = State.SENT;
        sentNanos = client.now();
        allSentNanos = sentNanos;
        parser.reset();
        head.free();
        deadline.in(client.timeouts().firstByte());
        RequestSending begun = new RequestSending(client, thread, request, to, this);
        sending = begun;
        to.listen(() -> guarded(this::readable), () -> guarded(this::writable));
        to.resumeReads();
        begun.begin();
    }

    private void writable() {
        if (sending != null) {
            sending.writable();
        }
    }

    private void stopSending() {
        if (sending != null) {
            sending.stop();
            sending = null;
        }
    }

    @Override
    public void clientBroke(FetchFailure why, String detail) {
        fail(why, "the client's content: " + detail);
    }

    /** What the client took for its content is not the origin's time. */
    @Override
    public void sent() {
        fetch.sent();
        if (request.content() != null) {
            allSentNanos = client.now();
            if (state == State.SENT) {
                deadline.in(client.timeouts().firstByte());
            }
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
                broken(Reason.of(e));
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
            } else if (!head.hold(parser.heapBytes())) { // not fail: that would be laid to this origin
                giveUp(FetchFailure.OVERLOADED, "heads of responses hold as much of the heap as they may");
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
            askedForContent();
        } else if (listener != null) {
            FieldList endToEnd = HopByHop.of(fields).strip(fields).toBuilder()
                    .remove("Content-Length") // RFC 9110, section 8.6
                    .build();
            listener.responded(status, Via.added(endToEnd, http11));
        }
    }

    private void askedForContent() {
        if (sending != null) {
            sending.sendContent();
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
        head.free();
        route.answered(client.now() - allSentNanos);
        deadline.clear();
        stopSending();
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
        if (sending != null) {
            sending.answered();
        }
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
        stopSending();
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
        boolean sent = sending != null && sending.isAllSent();
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
        boolean answered = state == State.ANSWERED;
        state = State.DONE;
        client.ended(this);
        deadline.clear();
        stopSending();
        if (body != null) {
            body.free();
        }
        freeBuffer();
        connection = null;
        route.end(reusable);
        freeHead(answered);
    }

    /** Readers that were woken with it have their turn on this thread first: until then the head is held, however short the call was. */
    private void freeHead(boolean answered) {
        if (answered) {
            try {
                thread.execute(head::free);
                return;
            } catch (RejectedExecutionException threadHasEnded) {
                // nor does anybody read there
            }
        }
        head.free();
    }
}
