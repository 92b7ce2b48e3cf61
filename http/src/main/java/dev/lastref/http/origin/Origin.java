package dev.lastref.http.origin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where the origin is. Its name is resolved off the I/O threads, at the start and from time to time, since looking up a name blocks;
 * a look-up that fails keeps the last address.
 */
public final class Origin implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Origin.class.getName());

    private static final long RESOLVE_EVERY_SECONDS = 30;

    private final URI base;
    private final String authority;
    private final ScheduledExecutorService resolver = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "lastref-resolver");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable InetSocketAddress resolved;

    /**
     * @param base scheme, host and port
     */
    public Origin(URI base) {
        this.base = base;
        this.authority = base.getRawAuthority();
    }

    /** Host and port as the user gave them: the Host of requests that come without one. */
    public String authority() {
        return authority;
    }

    /** Its address; null while the name could not be resolved. */
    @Nullable
    InetSocketAddress resolved() {
        return resolved;
    }

    /** Looks the name up, and goes on doing so from time to time. Blocks for the first look. */
    public void startResolving() {
        resolve();
        // A look-up that fails is logged where it fails, and the next one is made all the same.
        ScheduledFuture<?> unused = resolver.scheduleWithFixedDelay(
                this::resolve, RESOLVE_EVERY_SECONDS, RESOLVE_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        resolver.shutdownNow();
    }

    private void resolve() {
        int port = base.getPort() == -1 ? 80 : base.getPort();
        try {
            resolved = new InetSocketAddress(InetAddress.getByName(base.getHost()), port);
        } catch (UnknownHostException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot resolve the origin''s name {0}; {1}",
                    base.getHost(),
                    resolved == null
                            ? "requests to it are answered with 502 until it can"
                            : "its last address stays in use");
        }
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
