package dev.lastref.cache;

import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client's place in the response that a {@link Fetch} brings: first the prefix in the pool, at its own pace, then, if the pool
 * could not take the rest, window after window with the others.
 *
 * <p>Used by one thread at a time, the client's; the fetch wakes it through the callback that it was made with, once for each
 * {@link Step#WAIT}. The client closes it.
 */
public final class FetchReader implements AutoCloseable {
    /** What came of {@link #step}. */
    public enum Step {
        /** The sink takes no more: go on when it does. */
        BLOCKED,
        /** All that has come is sent: go on when woken. */
        WAIT,
        /** All is sent. */
        END,
        /** The origin failed, and more than nothing is missing: break the client's connection visibly. */
        BROKEN
    }

    private final Fetch fetch;
    private final FieldList asked;
    private final boolean leader;
    private final Runnable wake;
    private final AtomicBoolean parked = new AtomicBoolean();

    // Guarded by the fetch.
    private @Nullable Transmission prefix;
    private @Nullable Window owed;

    private volatile boolean detached;
    private @Nullable ByteBuffer unsent;
    private long from;
    private long to = Long.MAX_VALUE;
    /** How far the windows have brought it. */
    private long windowsTo;

    private boolean closed;

    FetchReader(Fetch fetch, FieldList asked, boolean leader, Runnable wake) {
        this.fetch = fetch;
        this.asked = asked;
        this.leader = leader;
        this.wake = wake;
    }

    /** Whether the caller drives the fetch. */
    public boolean isLeader() {
        return leader;
    }

    public Fetch fetch() {
        return fetch;
    }

    /** Whether the response turned out not to be for this request: it must be asked for on its own. */
    public boolean isDetached() {
        return detached;
    }

    /** The head, once it is there; for who only waits for it, without what is meant for the one who leads. */
    public @Nullable ResponseHead head() {
        return leader ? fetch.head() : fetch.sharedHead();
    }

    /** What came behind the content, after {@link Step#END}. */
    public FieldList trailers() {
        return leader ? fetch.trailers() : fetch.sharedTrailers();
    }

    /** The stored response that answers instead of what is fetched, if there is one. */
    public @Nullable Substitute substitute() {
        return fetch.substitute();
    }

    /** What went wrong, if something did. */
    public @Nullable FetchFailure failure() {
        return fetch.failure();
    }

    /** Whether it is known how the client is answered, be it by another way than this one. */
    public boolean hasHeadOrEnd() {
        return head() != null || substitute() != null || failure() != null || detached;
    }

    /**
     * Says that the client has nothing to do until there is news.
     *
     * @return false if there is some already: look again instead of waiting
     */
    public boolean park(BooleanSupplier hasNews) {
        parked.set(true);
        // If somebody was faster to unpark, the wake-up is on its way, and waiting for it is right.
        return !(hasNews.getAsBoolean() && parked.compareAndSet(true, false));
    }

    /**
     * Reads no more than this range of the content. Call once, after the head is there and before the first step; the end of the
     * range is then the end of the reading.
     */
    public void narrow(ByteRange range) {
        from = range.first();
        to = range.end();
        Transmission stored = fetch.prefixOf(this);
        if (stored != null) {
            stored.narrow(from, to);
        }
    }

    /** Sends as much of the content as has come and the sink takes. Call only after the head is there. */
    public Step step(BodySink sink) throws IOException {
        while (true) {
            // The window first: what the pool took came before it, so it is in the prefix that is looked at after.
            Window window = fetch.owedBy(this);
            Transmission stored = fetch.prefixOf(this);
            if (windowsTo >= to || (stored != null && stored.position() >= end())) {
                return Step.END;
            }
            if (stored != null && isSendable(stored)) {
                if (!sink.send(stored)) {
                    return Step.BLOCKED;
                }
            } else if (window != null) {
                if (!sendWindow(window, sink)) {
                    return Step.BLOCKED;
                }
            } else {
                Fetch.Phase phase = fetch.phase();
                if (!hasNews(phase)) {
                    if (phase == Fetch.Phase.COMPLETE) {
                        return Step.END;
                    }
                    if (phase == Fetch.Phase.FAILED) {
                        return Step.BROKEN;
                    }
                    if (park(() -> hasNews(phase))) {
                        return Step.WAIT;
                    }
                }
            }
        }
    }

    /**
     * Where what is read from the pool ends, if that is known. Who has all that the head announces is through, though the fetch may have
     * yet to enter it into the index: its client sees by the length that it has all, and asks for more.
     */
    private long end() {
        ResponseHead head = fetch.head();
        return head != null && head.length() > 0 ? Math.min(to, head.length()) : to;
    }

    private boolean hasNews(Fetch.Phase seen) {
        Transmission stored = fetch.prefixOf(this);
        return fetch.phase() != seen || fetch.owedBy(this) != null || (stored != null && isSendable(stored));
    }

    /** Whether there is something in the pool that may be shown yet. */
    private boolean isSendable(Transmission stored) {
        return stored.available() > 0 && !fetch.isSettling();
    }

    private boolean sendWindow(Window window, BodySink sink) throws IOException {
        ByteBuffer bytes = unsent == null ? window.bytes(from, to) : unsent;
        unsent = bytes;
        // Nothing of it is in the range: the response does not begin with it, and may yet become an error.
        if (bytes.hasRemaining() && !sink.send(bytes)) {
            return false;
        }
        unsent = null;
        windowsTo = window.end();
        fetch.taken(this, window);
        return true;
    }

    /** Ends the reading, complete or not. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            fetch.leave(this);
        }
    }

    // ---- for the fetch

    void wake() {
        if (parked.compareAndSet(true, false)) {
            wake.run();
        }
    }

    /** The fields of the request that waits here. */
    FieldList asked() {
        return asked;
    }

    void detach() {
        detached = true;
    }

    @Nullable
    Transmission prefix() {
        return prefix;
    }

    void follow(@Nullable Transmission transmission) {
        prefix = transmission;
    }

    @Nullable
    Window owed() {
        return owed;
    }

    void owe(@Nullable Window window) {
        owed = window;
    }
}
