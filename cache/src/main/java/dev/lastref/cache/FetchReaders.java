package dev.lastref.cache;

import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.Transmission;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who reads a fetch, and how far what they read goes. Its monitor guards it and what of the fetch has to agree with it; methods that
 * say so are called with it held.
 */
final class FetchReaders {
    private final List<FetchReader> readers = new ArrayList<>();

    synchronized void add(FetchReader reader) {
        readers.add(reader);
    }

    /** With the monitor held. */
    boolean isEmpty() {
        return readers.isEmpty();
    }

    synchronized @Nullable Transmission prefixOf(FetchReader reader) {
        return reader.prefix();
    }

    synchronized @Nullable Window owedBy(FetchReader reader) {
        return reader.owed();
    }

    void taken(FetchReader reader, Window window) {
        synchronized (this) {
            if (reader.owed() != window) {
                return;
            }
            reader.owe(null);
        }
        window.taken();
    }

    /** Takes a reader out; what it held is given back by the answer, which is to be run without the monitor. */
    synchronized Runnable remove(FetchReader reader) {
        Transmission prefix = reader.prefix();
        Window owed = reader.owed();
        reader.follow(null);
        reader.owe(null);
        readers.remove(reader);
        return () -> {
            if (prefix != null) {
                prefix.close();
            }
            if (owed != null) {
                owed.taken();
            }
        };
    }

    /** With the monitor held; who is detached is to be woken without it. */
    List<FetchReader> detach(Predicate<FetchReader> whom) {
        List<FetchReader> detached = new ArrayList<>(0); // mostly there are none
        for (FetchReader reader : readers) {
            if (whom.test(reader)) {
                detached.add(reader);
            }
        }
        readers.removeAll(detached);
        detached.forEach(FetchReader::detach);
        return detached;
    }

    /** Everybody follows what is written here, if something is. */
    synchronized void follow(@Nullable ExtentWriter written) {
        if (written != null) {
            readers.forEach(reader -> reader.follow(written.extent().transmit()));
        }
    }

    /** Shows everybody these bytes; null if there is nobody. */
    synchronized @Nullable Window show(IntFunction<Window> windowFor) {
        if (readers.isEmpty()) {
            return null;
        }
        Window window = windowFor.apply(readers.size());
        readers.forEach(reader -> reader.owe(window));
        return window;
    }

    void wake() {
        List<FetchReader> woken;
        synchronized (this) {
            woken = readers.size() == 1 ? List.of(readers.get(0)) : List.copyOf(readers);
        }
        woken.forEach(FetchReader::wake);
    }
}
