package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where an origin is, by its name. That the name cannot be looked up is told once, and that it can again. One thread looks up at a time, all
 * may ask.
 */
final class OriginAddress {
    private static final System.Logger LOG = System.getLogger(OriginAddress.class.getName());

    private final String host;
    private final int port;
    private final Lookup lookup;
    private volatile @Nullable InetSocketAddress last;
    private volatile boolean failing;

    /** Finds the address of a name. */
    interface Lookup {
        InetAddress find(String host) throws UnknownHostException;
    }

    OriginAddress(String host, int port) {
        this(host, port, InetAddress::getByName);
    }

    OriginAddress(String host, int port, Lookup lookup) {
        this.host = host;
        this.port = port;
        this.lookup = lookup;
    }

    /** What was found last; null: nothing ever. */
    @Nullable
    InetSocketAddress last() {
        return last;
    }

    /** Looks the name up. That blocks. A look-up that fails keeps the last address. */
    void lookUp() {
        try {
            last = new InetSocketAddress(lookup.find(host), port);
            if (failing) {
                LOG.log(System.Logger.Level.INFO, "the origin''s name {0} can be resolved again", host);
            }
            failing = false;
        } catch (UnknownHostException e) {
            if (!failing) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot resolve the origin''s name {0}; {1}",
                        host,
                        last == null
                                ? "requests to it are answered with " + FetchFailure.UNREACHABLE.status()
                                        + " until it can"
                                : "its last address stays in use");
            }
            failing = true;
        }
    }
}
