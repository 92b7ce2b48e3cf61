package dev.lastref.samples.blobstore;

import dev.lastref.pool.Extent;
import dev.lastref.pool.Transmission;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The blobs by name. It owns one reference to each extent that it holds, taken over in {@link #put} and given up when the blob is
 * replaced, deleted, or the store closed.
 *
 * <p>No blob is ever written into: a new one takes the name, and the old one is released. Whoever sends the old one goes on sending it,
 * to its last byte, and the pool gets the memory back after that. Safe for all threads.
 */
final class Blobs implements AutoCloseable {
    private final ConcurrentMap<String, Extent> byName = new ConcurrentHashMap<>();

    /**
     * Names a blob, in place of what had the name before.
     *
     * @param blob committed; its ownership passes to this store
     */
    void put(String name, Extent blob) {
        // First the new one is there, then the old one goes: nobody finds the name empty.
        Extent before = byName.put(name, blob);
        if (before != null) {
            before.release();
        }
    }

    /**
     * Begins to send a blob.
     *
     * @return the transmission, which the caller closes; null if there is no such blob
     */
    @Nullable
    Transmission send(String name) {
        while (true) {
            Extent blob = byName.get(name);
            if (blob == null) {
                return null;
            }
            Transmission transmission = blob.transmit();
            if (transmission != null) {
                return transmission;
            }
            // It was released between the two lines above, so the map has changed: look again.
        }
    }

    /** Returns whether there was one. */
    boolean delete(String name) {
        Extent gone = byName.remove(name);
        if (gone != null) {
            gone.release();
        }
        return gone != null;
    }

    int count() {
        return byName.size();
    }

    /** Gives up all blobs. Nobody may put one any more. */
    @Override
    public void close() {
        byName.keySet().forEach(this::delete);
    }
}
