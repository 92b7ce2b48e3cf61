package dev.lastref.bench.waste;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What a cache could be that keeps bytes and nothing else: no header, no padding, no file to fill or to wait for. Entries expire on
 * their own, exactly, and the one least recently used goes when a byte is missing. Never stored; only counted. One thread.
 */
final class IdealLru {
    private record Entry(int id, int bytes, long expiresNanos) {}

    private final long capacity;
    private final LinkedHashMap<Integer, Entry> entries = new LinkedHashMap<>(1024, 0.75f, true);
    /** Also of entries that have left meanwhile. */
    private final PriorityQueue<Entry> byExpiry =
            new PriorityQueue<>((a, b) -> Long.compare(a.expiresNanos(), b.expiresNanos()));

    private long bytes;

    /** @param capacity bytes */
    IdealLru(long capacity) {
        this.capacity = capacity;
    }

    /** Whether it is there and fresh; that counts as a use. */
    boolean find(int id, long nowNanos) {
        expire(nowNanos);
        return entries.get(id) != null;
    }

    /** Stores it, in the place of what was there under its name. What is larger than the cache is not stored. */
    void store(int id, int size, long expiresNanos, long nowNanos) {
        remove(id);
        expire(nowNanos);
        if (size > capacity || expiresNanos <= nowNanos) {
            return;
        }
        while (bytes + size > capacity) {
            remove(entries.keySet().iterator().next());
        }
        Entry entry = new Entry(id, size, expiresNanos);
        entries.put(id, entry);
        byExpiry.add(entry);
        bytes += size;
    }

    void remove(int id) {
        Entry removed = entries.remove(id);
        if (removed != null) {
            bytes -= removed.bytes();
        }
    }

    long bytes(long nowNanos) {
        expire(nowNanos);
        return bytes;
    }

    private void expire(long nowNanos) {
        for (Entry first = byExpiry.peek();
                first != null && first.expiresNanos() <= nowNanos;
                first = byExpiry.peek()) {
            byExpiry.remove();
            // Only if it is this one still: get would count as a use.
            if (entries.entrySet().isEmpty() || !removeExact(first)) {
                continue;
            }
            bytes -= first.bytes();
        }
    }

    private boolean removeExact(Entry entry) {
        Map<Integer, Entry> map = entries;
        return map.remove(entry.id(), entry);
    }
}
