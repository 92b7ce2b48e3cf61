package dev.lastref.http.http2;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What all connections together have seen. All threads. */
public final class Http2Counters {
    private final LongAdder connections = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder stalled = new LongAdder();
    private final LongAdder faulty = new LongAdder();
    private final Map<StreamRefusal, LongAdder> refused = new EnumMap<>(StreamRefusal.class);

    public Http2Counters() {
        for (StreamRefusal why : StreamRefusal.values()) {
            refused.put(why, new LongAdder());
        }
    }

    void opened() {
        connections.increment();
    }

    void closed() {
        connections.decrement();
    }

    void requested() {
        requests.increment();
    }

    void stalled() {
        stalled.increment();
    }

    void faulty() {
        faulty.increment();
    }

    void refused(StreamRefusal why) {
        LongAdder counter = refused.get(why);
        if (counter != null) {
            counter.increment();
        }
    }

    /** Streams that were refused, for their clients to try again; every reason is there. */
    public Map<String, Double> refusedStreams() {
        Map<String, Double> all = new LinkedHashMap<>();
        refused.forEach((why, count) -> all.put(why.label(), (double) count.sum()));
        return all;
    }

    /** Connections that are open. */
    public long connections() {
        return connections.sum();
    }

    /** Requests that were handed on. */
    public long requests() {
        return requests.sum();
    }

    /** Responses that were given up since their clients took nothing for too long. */
    public long stalledStreams() {
        return stalled.sum();
    }

    /** Connections that were ended for what their clients did. */
    public long faultyConnections() {
        return faulty.sum();
    }
}
