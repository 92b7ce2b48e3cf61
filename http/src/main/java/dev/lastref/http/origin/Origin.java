package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** One origin: where it is, how it is, and what goes on with it. All threads. */
public final class Origin {
    private static final System.Logger LOG = System.getLogger(Origin.class.getName());

    private final URI base;
    private final OriginHealth health;
    private final OriginTally tally = new OriginTally();
    private final OriginSlots slots;
    private final OriginConnections connections;
    private volatile @Nullable InetSocketAddress resolved;

    /**
     * @param base scheme, host and port
     */
    Origin(URI base, OriginSettings settings, @Nullable OriginTls tls) {
        this.base = base;
        this.health = new OriginHealth(settings.health());
        this.slots = new OriginSlots(settings.connections(), settings.queue());
        this.connections = new OriginConnections(this, settings.connections(), isSecure() ? tls : null);
    }

    /** Host and port as the user gave them: the Host of requests that come without one. */
    public String authority() {
        return base.getRawAuthority();
    }

    /** Whether it speaks TLS. */
    boolean isSecure() {
        return base.getScheme().equals("https");
    }

    /** As it is looked up, and as its certificate has to name it. */
    String host() {
        String host = base.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        return base.getPort() != -1 ? base.getPort() : isSecure() ? 443 : 80;
    }

    OriginHealth health() {
        return health;
    }

    OriginTally tally() {
        return tally;
    }

    OriginSlots slots() {
        return slots;
    }

    OriginConnections connections() {
        return connections;
    }

    /** Its address; null while the name could not be resolved. */
    @Nullable
    InetSocketAddress resolved() {
        return resolved;
    }

    /** Looks the name up. That blocks. A look-up that fails keeps the last address. */
    void resolve() {
        try {
            resolved = new InetSocketAddress(InetAddress.getByName(host()), port());
        } catch (UnknownHostException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot resolve the origin''s name {0}; {1}",
                    host(),
                    resolved == null
                            ? "requests to it are answered with " + FetchFailure.UNREACHABLE.status() + " until it can"
                            : "its last address stays in use");
        }
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
