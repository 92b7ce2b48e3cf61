package dev.lastref.http.http2;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The streams that run on one connection, and whose turn it is to write. Each that has something to write waits in a queue; and when a
 * window is opened that all share, who has waited longest for its turn comes first. For the connection's I/O thread.
 */
final class RunningStreams {
    private static final int WRITES_A_TURN = 256;

    /** Who has waited longest for its turn comes first. */
    private final Map<Integer, Http2Stream> running = new LinkedHashMap<>();

    private final Queue<Http2Stream> writers = new ArrayDeque<>();
    private boolean over;

    void add(Http2Stream stream) {
        running.put(stream.id(), stream);
    }

    /** Null: it is over, or has not begun. */
    @Nullable
    Http2Stream get(int id) {
        return running.get(id);
    }

    /** Returns whether it ran. */
    boolean remove(Http2Stream stream) {
        return running.remove(stream.id()) != null;
    }

    int count() {
        return running.size();
    }

    /**
     * Those of them that count against what a client may have open (RFC 9113, section 5.1.2): both sides of the others have ended, though
     * what answers has yet to find that out.
     */
    int countOpen() {
        int open = 0;
        for (Http2Stream stream : running.values()) {
            open += stream.sink().isEnded() && stream.isRemoteEnded() ? 0 : 1;
        }
        return open;
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    Collection<Http2Stream> all() {
        return running.values();
    }

    /** Those there are now, for who is about to end some of them. */
    List<Http2Stream> copy() {
        return List.copyOf(running.values());
    }

    /** Queues it, if it wants to write and is not queued; returns whether it is now. */
    boolean queue(Http2Stream stream) {
        if (over || stream.isQueued() || !stream.sink().isResumed()) {
            return false;
        }
        stream.queued(true);
        writers.add(stream);
        return true;
    }

    /** Whether any is queued to write. */
    boolean isAnyQueued() {
        return !writers.isEmpty();
    }

    /**
     * Has those write that are queued, in their turn, as long as there is room.
     *
     * @param windowsOpen whether who waits for a window may yet get one; if not, it is to find out that it cannot write
     */
    void write(FrameOutput output, boolean windowsOpen) throws IOException {
        int turns = 0;
        while (!writers.isEmpty() && turns++ < WRITES_A_TURN && output.room() > 0) {
            Http2Stream stream = writers.remove();
            stream.queued(false);
            StreamSink sink = stream.sink();
            if (sink.isResumed() && (sink.canProgress() || !windowsOpen)) {
                hasItsTurn(stream);
                sink.wake();
                if (sink.canProgress()) {
                    queue(stream);
                }
            }
        }
    }

    /** It is the last to take of the window, the next time the client opens it. */
    private void hasItsTurn(Http2Stream stream) {
        if (remove(stream)) {
            add(stream);
        }
    }

    /** Forgets them, and takes no more into the queue; returns those there were. */
    List<Http2Stream> end() {
        List<Http2Stream> all = copy();
        over = true;
        running.clear();
        writers.clear();
        return all;
    }
}
