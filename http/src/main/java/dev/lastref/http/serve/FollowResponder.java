package dev.lastref.http.serve;

import dev.lastref.cache.BodySink;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.Substitute;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.Reuse;
import dev.lastref.http.listen.Connections;
import dev.lastref.pool.Peer;
import dev.lastref.pool.Transmission;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSinkChannel;

/**
 * Answers from a fetch: waits for the head, then passes the content on as it comes. The client that made the origin be asked and those
 * that wait for the same answer get the same bytes, each at its own pace.
 *
 * <p>Everything happens on the client's I/O thread; the fetch wakes it from its own.
 */
final class FollowResponder implements BodySink, ExchangeCompletionListener {
    private static final System.Logger LOG = System.getLogger(FollowResponder.class.getName());

    /** Bytes that are there for a client and not sent yet, by which it has fallen behind. */
    private static final int BEHIND = 1 << 20;

    private final ServeContext context;
    private final HttpServerExchange exchange;
    private final Incoming incoming;
    private final Company company;
    private Attempt attempt;
    private FetchReader reader;
    private boolean repeated;
    /** Ends the waiting for another's response. */
    private XnioExecutor.@Nullable Key patience;

    private @Nullable ResponseHead head;
    /** What of the response this client gets; null: all. */
    private @Nullable ByteRange selected;
    /** What is stored of what the client wants, and goes before what the origin is asked for, if that is the rest of it. */
    private @Nullable Transmission front;

    private boolean completes;
    /** Once the response has begun. */
    private @Nullable ConnectionSink sink;
    /** To whom the response has begun; others may wait for it to take what goes past the pool. */
    private @Nullable Peer receiving;

    private boolean headFlushed;
    private boolean over;
    private boolean handedOver;

    private FollowResponder(ServeContext context, HttpServerExchange exchange, Incoming incoming, Attempt first) {
        this.context = context;
        this.exchange = exchange;
        this.incoming = incoming;
        this.company = Company.of(incoming);
        this.attempt = first;
        this.front = attempt.front();
        try {
            this.reader = company.join(context, incoming, attempt, this::wake);
        } catch (RuntimeException fault) { // nobody has heard of this one who could close it
            dropFront();
            throw fault;
        }
    }

    /** Starts to answer. On the client's I/O thread, after the exchange was dispatched. */
    static void respond(ServeContext context, HttpServerExchange exchange, Incoming incoming) {
        Attempt first = Attempt.first(context, incoming);
        StoredResponse stored = first.asked().stored();
        Reuse reuse = stored == null ? Reuse.NONE : Reuses.of(context, incoming, stored);
        if (stored != null && reuse.answers() && Reuses.answer(context, exchange, incoming, stored, reuse)) {
            return; // it has become fresh since the request looked for it
        }
        FollowResponder responder = new FollowResponder(context, exchange, incoming, first);
        exchange.addExchangeCompleteListener(responder);
        responder.begin();
    }

    private void begin() {
        if (reader.isLeader()) {
            if (company.isPossible() && !repeated && answeredMeanwhile()) {
                return;
            }
            context.origin()
                    .ask(exchange.getIoThread(), OriginRequests.of(exchange, incoming, attempt), reader.fetch());
        } else {
            patience = exchange.getIoThread()
                    .executeAfter(this::tooLate, context.collapseTimeout().toMillis(), TimeUnit.MILLISECONDS);
        }
        run();
    }

    /** Another fetch may have stored the response since this request looked for it. */
    private boolean answeredMeanwhile() {
        StoredResponse stored = context.cache()
                .storedMeanwhile(
                        reader.fetch(),
                        found -> Reuses.of(context, incoming, found).answers());
        return stored != null && answerWith(stored);
    }

    /** Answers from the store, if what is there may answer without asking the origin. */
    private boolean answerWith(StoredResponse stored) {
        Reuse reuse = Reuses.of(context, incoming, stored);
        return reuse.answers() && handOver(() -> Reuses.answer(context, exchange, incoming, stored, reuse));
    }

    private boolean handOver(BooleanSupplier answer) {
        handedOver = true; // already: the exchange may be complete before the answer returns
        handedOver = answer.getAsBoolean();
        over |= handedOver;
        return handedOver;
    }

    /** Who was first is slow: this client waits for nobody any longer. */
    private void tooLate() {
        guarded(() -> {
            if (!over && head == null && !reader.isLeader() && !reader.isDetached() && reader.substitute() == null) {
                lookAgain();
            }
        });
    }

    /** What was waited for is of no use any more; for who did not lead, what is stored may answer by now. */
    private void lookAgain() {
        StoredResponse stored = reader.isLeader() ? null : context.cache().select(incoming.key(), incoming.fields());
        if (stored != null && answerWith(stored)) {
            reader.close();
        } else {
            onItsOwn();
        }
    }

    private void onItsOwn() {
        reader.close();
        // Twice in vain, or none of what was offered: what is stored is trusted no more, and this comes to an end.
        dropFront();
        boolean led = reader.isLeader();
        attempt = attempt.again(context, incoming, led, repeated || (led && attempt.isOffer()));
        front = attempt.front();
        repeated = true;
        reader = context.cache().alone(attempt.asked(), this::wake);
        begin();
    }

    private void wake() {
        exchange.getIoThread().execute(this::run);
    }

    private void run() {
        guarded(() -> {
            if (!over && (head != null || awaitHead())) {
                send();
            }
        });
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) { // who called this would only log it, and the client would wait for ever
            LOG.log(System.Logger.Level.ERROR, "answering " + incoming.key(), fault);
            over = true;
            Connections.reset(exchange);
        }
    }

    /** Returns whether the head is there. */
    private boolean awaitHead() {
        if (reader.park(reader::hasHeadOrEnd)) {
            return false;
        }
        Substitute substitute = reader.substitute();
        if (reader.isDetached()) {
            lookAgain();
            return false;
        }
        if (substitute != null) {
            if (!answerInstead(instead -> instead.suits(substitute) && instead.answer(substitute))) {
                onItsOwn(); // it is not for this client, or its content has left the store
            }
            return false;
        }
        ResponseHead arrived = reader.head();
        if (arrived == null) {
            refuse(reader.failure());
            return false;
        }
        Completion completion = attempt.completion();
        completes = completion != null && completion.isAnsweredBy(arrived);
        if (completion != null && completes) {
            arrived = completion.head(arrived);
        } else {
            dropFront();
            ResponseHead other = arrived;
            if (completion != null && Completion.isAboutPart(other)) {
                if (!answerInstead(instead -> instead.answerOther(other))) {
                    onItsOwn();
                }
                return false;
            }
        }
        head = arrived;
        return !answeredFromHead(arrived);
    }

    /** Whether the head alone answers the client; else the content follows, or a range of it. */
    private boolean answeredFromHead(ResponseHead arrived) {
        long now = context.epochSeconds();
        MissSelection selection = completes
                ? MissSelection.ofCompleted(incoming, arrived, now)
                : MissSelection.of(incoming, arrived, now);
        selected = selection.range();
        if (selected != null) {
            reader.narrow(selected);
        }
        over = selection.answer(exchange, arrived, this::head, this::status);
        if (!over && incoming.isHead() && !reader.isLeader()) { // the content that comes is for those who sent GET
            over = true;
            begun();
            exchange.endExchange();
        }
        return over;
    }

    /** Returns whether what is stored answers; else nothing was done. */
    private boolean answerInstead(Predicate<StoredInstead> how) {
        StoredInstead instead = new StoredInstead(context, exchange, incoming, attempt, reader);
        boolean answered = handOver(() -> how.test(instead));
        if (answered) {
            reader.close();
        }
        return answered;
    }

    /** Returns whether a stored response stands in for an origin that failed before this client got a byte. */
    private boolean standsIn(FetchFailure failure) {
        return answerInstead(instead -> {
            Substitute standIn = instead.standIn(failure);
            return standIn != null && instead.answer(standIn);
        });
    }

    private void refuse(@Nullable FetchFailure failure) {
        FetchFailure known = failure == null ? FetchFailure.ABANDONED : failure;
        if (standsIn(known)) {
            return;
        }
        over = true;
        ErrorResponse.send(
                context, exchange, known, FetchedStatus.ofFailure(context, incoming, attempt, reader, known));
    }

    private void send() {
        FetchFailure failure = sink == null ? reader.failure() : null;
        if (failure != null && standsIn(failure)) {
            return;
        }
        try {
            if (!sendFront()) {
                goOnLater();
                return;
            }
            switch (reader.step(this)) {
                case WAIT -> flushHeadOfStream();
                case BLOCKED -> goOnLater();
                case END -> {
                    begun();
                    over = true;
                    ClientTrailers.add(exchange, reader.trailers());
                    if (exchange.isHttp10()) {
                        Connections.endsWhole(exchange);
                    }
                    exchange.endExchange();
                }
                case BROKEN -> {
                    if (sink == null) {
                        refuse(reader.failure()); // the client has not had a byte
                    } else {
                        over = true;
                        Connections.reset(exchange);
                    }
                }
            }
        } catch (IOException clientIsGone) {
            over = true;
            Connections.reset(exchange);
        }
    }

    /** When the connection takes more, or what was swapped out meanwhile is back in memory. */
    private void goOnLater() {
        ConnectionSink to = begun();
        Transmission swappedOut = to.takeSwappedOut();
        if (swappedOut == null) {
            to.channel().resumeWrites();
        } else {
            swappedOut.bringIn(context.waiting(), () -> WaitingThreads.goOn(exchange, this::run));
        }
    }

    /** Returns whether it is sent, or there is none. */
    private boolean sendFront() throws IOException {
        Transmission held = front;
        if (held == null) {
            return true;
        }
        if (!begun().send(held)) {
            return false;
        }
        dropFront();
        return true;
    }

    /** It is sent, or of no use. */
    private void dropFront() {
        Transmission held = front;
        front = null;
        if (held != null) {
            held.close();
        }
    }

    @Override
    public boolean send(Transmission transmission) throws IOException {
        return begun().send(transmission);
    }

    @Override
    public boolean send(ByteBuffer bytes) throws IOException {
        return begun().send(bytes);
    }

    /**
     * The head goes with the first content, so that an origin that breaks off before can still be told as an error. But a stream of
     * events may be silent for long, and its client waits for the head.
     */
    private void flushHeadOfStream() throws IOException {
        boolean stream =
                head != null && !head.hasKnownLength() && !reader.fetch().isStoring();
        if (stream && !headFlushed) {
            StreamSinkChannel channel = begun().channel();
            headFlushed = channel.flush();
            if (!headFlushed) {
                channel.resumeWrites();
            }
        }
    }

    /** Begins the response, if it has not begun. */
    private ConnectionSink begun() {
        ConnectionSink begun = sink;
        if (begun != null) {
            return begun;
        }
        ResponseHead arrived = Objects.requireNonNull(head, "head");
        int status = selected == null ? arrived.status() : 206;
        head(arrived.fields(), status);
        boolean described = incoming.isHead() || arrived.status() == 304;
        if (selected != null) {
            exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, selected.contentRange(arrived.length()));
            exchange.setResponseContentLength(selected.length());
        } else if (arrived.hasKnownLength() && (!described || isHeadOfGet(arrived))) {
            exchange.setResponseContentLength(arrived.length());
        } else if (exchange.isHttp10() && !described) {
            Connections.endsByClose(exchange);
        }
        StreamSinkChannel channel = exchange.getResponseChannel();
        Peer peer = context.peers().of(exchange, incoming.key().target());
        if (peer != null) {
            peer.beginSend();
        }
        receiving = peer;
        begun = ConnectionSink.of(exchange, channel, byFileFrom(), !arrived.hasKnownLength(), peer);
        sink = begun;
        channel.getWriteSetter().set(ready -> {
            ready.suspendWrites();
            run();
        });
        return begun;
    }

    /**
     * From how many bytes on content goes by sendfile. The one for whom it is fetched gets a copy, mostly of what came a moment ago: if
     * nobody asks for it again, nothing of it was sent by reference, and its file can be filled again as it is. Who falls behind and
     * goes on reading is sent pages.
     */
    private int byFileFrom() {
        return reader.isLeader() ? Math.max(context.sendfileMin(), BEHIND) : context.sendfileMin();
    }

    /** Puts status and fields on the exchange; of another's response also its age, as of a hit. */
    private void head(FieldList fields, int status) {
        ResponseFields.set(exchange, status, fields, status(status));
        Freshness stored = reader.isLeader() ? null : reader.fetch().freshness();
        if (stored != null) {
            exchange.getResponseHeaders().put(Headers.AGE, stored.ageSeconds(context.now()));
        }
    }

    /** Whether a response to GET answers HEAD: then its length is no field of it, as it is of a response to HEAD. */
    private boolean isHeadOfGet(ResponseHead arrived) {
        return incoming.isHead() && !reader.isLeader() && arrived.status() != StatusCodes.NO_CONTENT;
    }

    private CacheStatus status(int sent) {
        return FetchedStatus.of(context, incoming, attempt, reader, sent);
    }

    /** Complete, or the connection is closed: the one place where the reader goes. */
    @Override
    public void exchangeEvent(HttpServerExchange ended, NextListener next) {
        over = true;
        CacheKey invalidated = incoming.invalidatedKey();
        if (head == null && invalidated != null && reader.fetch().isSent()) {
            // The origin may have done what was asked, as it cannot have without the whole request. Its answer, if one
            // comes, says what else has become invalid.
            context.cache().invalidate(invalidated);
        }
        XnioExecutor.Key waiting = patience;
        if (waiting != null) {
            waiting.remove();
        }
        Outcome outcome = FetchedStatus.outcome(attempt, reader);
        reader.close();
        dropFront();
        if (receiving != null) {
            receiving.endSend();
        }
        if (!handedOver) {
            context.answered(exchange, incoming, outcome);
        }
        next.proceed();
    }
}
