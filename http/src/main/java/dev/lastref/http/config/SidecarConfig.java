package dev.lastref.http.config;

import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.http.message.Networks;
import dev.lastref.http.origin.OriginSettings;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.linux.FileLimit;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sidecar is started with. Each component is one property, named {@code lastref.} and so on; see
 * {@link ConfigLoader}.
 *
 * @param listen where clients connect; port 0: any free one
 * @param tls the certificates for clients, the one for those who name no other first; none: no TLS
 * @param http2 whether clients may speak HTTP/2
 * @param proxyProtocol the networks of proxies that begin connections with a PROXY header
 * @param limits what clients may do
 * @param adminTokenFile with what requests to the administration port must bear; null: nothing
 * @param origins where they are, and how they are treated
 * @param readiness what has to be so for clients to be sent here
 * @param admin where administration listens
 * @param poolSize hard bound on tmpfs memory, in bytes
 * @param poolDirectory on tmpfs, where the pool's files are made; null: they are memfds
 * @param segmentSize bytes of a segment; null: chosen by the pool's size
 * @param pinTimeout how long a reader may hold pages without progress
 * @param memoryLimit bytes that the process may use, its pool included; null: as the system has it; Long.MAX_VALUE: any
 * @param sendfileMin bytes from which content is sent with sendfile
 * @param unsentLimit bytes that the kernel may hold unsent for one client
 * @param maxObject bytes; larger responses stream past the pool
 * @param indexHeap bytes of the heap that the index may take; null: by what the heap may have
 * @param rules what may be stored, and for how long
 * @param paths what holds instead for some URLs
 * @param encodings what Accept-Encoding is reduced to
 * @param collapseTimeout how long a request waits for the head of another's response
 * @param statusKey whether Cache-Status names the key
 * @param forwarded whether the origin is sent an element of Forwarded
 * @param purgers whose PURGE requests purge; null: PURGE is a method like others
 * @param trustedProxies the networks whose word counts about who asks, and how
 * @param accessLog where requests are logged
 * @param logLevel the least that is logged
 * @param shutdownDelay how long it goes on as before when a stop is asked for, unready
 * @param shutdownGrace how long running requests may take after a stop is asked for
 */
public record SidecarConfig(
        InetSocketAddress listen,
        List<Tls> tls,
        boolean http2,
        Networks proxyProtocol,
        ClientLimits limits,
        @Nullable Path adminTokenFile,
        OriginSettings origins,
        Readiness readiness,
        InetSocketAddress admin,
        long poolSize,
        @Nullable Path poolDirectory,
        @Nullable Integer segmentSize,
        Duration pinTimeout,
        @Nullable Long memoryLimit,
        int sendfileMin,
        int unsentLimit,
        long maxObject,
        @Nullable Long indexHeap,
        StorageRules rules,
        PathRules paths,
        EncodingChoice encodings,
        Duration collapseTimeout,
        boolean statusKey,
        boolean forwarded,
        @Nullable Networks purgers,
        Networks trustedProxies,
        AccessLog accessLog,
        System.Logger.Level logLevel,
        Duration shutdownDelay,
        Duration shutdownGrace) {
    /** Where certificate and key are, PEM. */
    public record Tls(Path certificate, Path key) {}

    /** When clients are to be sent here. */
    public enum Readiness {
        /** An origin has answered since the start. */
        ONCE,
        /** An origin has answered, and one is up. */
        ALWAYS,
        /** At once: the origins do not matter. */
        NEVER
    }

    /** Of what is longer, the end of its last page is a small part. */
    private static final int PACKED_BELOW = 8 * 1024;

    /**
     * The pool's part of it, for a process that may have so many files open: where the size of segments is left to us, they are large
     * enough for that.
     */
    public PoolConfig pool(FileLimit files) {
        return segmentSize == null ? pool().withFilesAtMost(files) : pool();
    }

    /** The pool's part of it. */
    public PoolConfig pool() {
        // Nothing packed until the segments have their size: small ones could not hold what is packed by default.
        // What a reader without progress holds is reset after the pin timeout; who makes progress may hold longer.
        PoolConfig pool = PoolConfig.of(poolSize).withPackBelow(0).withUnprovenFor(pinTimeout);
        if (poolDirectory != null) {
            pool = pool.withDirectory(poolDirectory);
        }
        if (segmentSize != null) {
            pool = pool.withSegmentSize(segmentSize);
        }
        return pool.withPackBelow(Math.min(Math.min(sendfileMin, PACKED_BELOW), pool.segmentSize()));
    }
}
