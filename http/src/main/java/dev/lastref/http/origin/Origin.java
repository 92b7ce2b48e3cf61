package dev.lastref.http.origin;

import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** One origin: where it is, how it is, and what goes on with it. All threads. */
public final class Origin {
    private final URI base;
    private final OriginHealth health;
    private final OriginTally tally = new OriginTally();
    private final OriginSlots slots;
    private final OriginConnections connections;
    private final OriginAddress address;

    /**
     * @param base scheme, host and port
     */
    Origin(URI base, OriginSettings settings, @Nullable OriginTls tls) {
        this.base = base;
        this.address = new OriginAddress(host(), port());
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
        return address.last();
    }

    /** Looks the name up. That blocks. A look-up that fails keeps the last address. */
    void resolve() {
        address.lookUp();
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
