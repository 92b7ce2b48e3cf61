package dev.lastref.http;

import dev.lastref.http.admin.AdminToken;
import dev.lastref.http.config.AccessLog;
import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.MemoryBudget;
import dev.lastref.http.config.SegmentFit;
import dev.lastref.http.config.Setting;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.listen.PemFiles;
import dev.lastref.http.listen.ServerBuffers;
import dev.lastref.http.listen.ServerTls;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.memory.DirectBuffers;
import dev.lastref.http.memory.DirectMemory;
import dev.lastref.http.memory.HeapAccount;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.origin.OriginTls;
import dev.lastref.pool.linux.FileLimit;
import dev.lastref.pool.linux.TmpfsDirectory;
import io.undertow.connector.ByteBufferPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * What settings need of the system to be of use: memory for the pool, its directory, and the files that they name. A sidecar begins with
 * them, and {@code lastref config --check} ends with them: all that a start refuses because of a setting is found here, or where the
 * settings are read, and nowhere later. All that is wrong is told at once, each with the setting's name, value and source.
 *
 * <p>Whoever opens them closes them.
 */
public final class Prerequisites implements AutoCloseable {
    /** Room for the largest record of TLS (RFC 8446, section 5.2). */
    private static final int TLS_RECORD = 17 * 1024;
    /** Of the memory outside the heap. */
    private static final int SHARE_OF_RECORDS = 4;

    private final Configuration started;
    private final MemoryBudget memory;
    private final ExecutorService handshakes =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), task -> {
                Thread thread = new Thread(task, "lastref-tls");
                thread.setDaemon(true);
                return thread;
            });
    private final HeapAccount heap;
    private final HeapShare requestMemory;
    private final DirectMemory directMemory = new DirectMemory(MemoryBudget.mostDirect());
    private final ByteBufferPool records;
    private final @Nullable OriginTls originTls;
    private final @Nullable RequestLog log;
    private final @Nullable ServerTls tls;
    private final @Nullable AdminToken token;
    private long indexHeap;
    private final List<ConfigException> unusable = new ArrayList<>();
    /** What to close, in this order. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** Makes something of a file. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** What is made of the file for the access log, which alone changes what is there. */
    @FunctionalInterface
    private interface LogOpening {
        RequestLog open(SidecarConfig config) throws IOException;
    }

    private Prerequisites(Configuration started, LogOpening opening) {
        this.started = started;
        SidecarConfig config = started.config();
        parts.push(handshakes::shutdownNow);
        memory = MemoryBudget.ofThisProcess(config.memoryLimit());
        heap = new HeapAccount(memory.heap());
        requestMemory = heap.requests();
        records = new ServerBuffers(
                new DirectBuffers(
                        TLS_RECORD, memory.direct() / SHARE_OF_RECORDS, DirectBuffers.MOST_WARM, directMemory),
                memory.direct() / SHARE_OF_RECORDS,
                requestMemory,
                /* watched= */ false);
        parts.push(records);
        attempt(() -> memory.requireRoomFor(config.poolSize(), ChangingParts.sockets(config)));
        attempt(() -> SegmentFit.requireFilesFor(started, FileLimit.ofThisProcess()));
        attempt(() -> indexHeap = memory.indexHeap(config.indexHeap()));
        Path directory = config.poolDirectory();
        if (directory != null) {
            of(Setting.POOL_DIRECTORY, () -> {
                TmpfsDirectory.requireUsable(directory);
                return directory;
            });
        }
        // A file of no use is told of before an https origin is added that needs it.
        boolean secureOrigins = config.origins().certificates() != null
                || config.origins().bases().stream()
                        .anyMatch(base -> base.getScheme().equals("https"));
        originTls = !secureOrigins
                ? null
                : of(Setting.ORIGIN_CA, () -> new OriginTls(config.origins().certificates(), records, handshakes));
        log = of(Setting.ACCESS_LOG, () -> opening.open(config));
        if (log != null) {
            parts.push(log);
        }
        tls = config.tls().isEmpty() ? null : certificates(config);
        if (tls != null) {
            parts.push(tls);
        }
        Path tokenFile = config.adminTokenFile();
        token = tokenFile == null ? null : of(Setting.ADMIN_TOKEN_FILE, () -> AdminToken.read(tokenFile));
    }

    /** What all but the index holds on the heap. */
    HeapAccount heap() {
        return heap;
    }

    /** What requests by HTTP/1.1 may hold on the heap, all together. */
    HeapShare requestMemory() {
        return requestMemory;
    }

    /**
     * Opens them for a sidecar.
     *
     * @throws ConfigException if a setting cannot be used
     */
    static Prerequisites open(Configuration config) {
        return whole(new Prerequisites(config, opened -> new RequestLog(opened.accessLog(), opened.trustedProxies())));
    }

    /**
     * Finds what opening them would find, and changes nothing: the access log is neither made nor written to, the pool's directory neither
     * made nor cleared. A sidecar that runs with the same settings does not notice.
     *
     * @throws ConfigException if a setting cannot be used
     */
    public static void check(Configuration config) {
        whole(new Prerequisites(config, tried -> {
                    RequestLog.requireUsable(tried.accessLog());
                    return new RequestLog(AccessLog.NONE, tried.trustedProxies());
                }))
                .close();
    }

    private static Prerequisites whole(Prerequisites made) {
        if (!made.unusable.isEmpty()) {
            made.close();
            throw ConfigException.of(made.unusable);
        }
        return made;
    }

    private void attempt(Runnable check) {
        try {
            check.run();
        } catch (ConfigException e) {
            unusable.add(e);
        }
    }

    private <T> @Nullable T of(Setting setting, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException e) {
            unusable.add(started.unusable(setting, e));
            return null;
        }
    }

    /** The listener's certificates and their keys. */
    private @Nullable ServerTls certificates(SidecarConfig config) {
        List<PemFiles> files = config.tls().stream()
                .map(each -> new PemFiles(each.certificate(), each.key()))
                .toList();
        try {
            return new ServerTls(files, records, handshakes);
        } catch (IOException first) {
            List<PemFiles.Fault> faults =
                    files.stream().flatMap(each -> each.faults().stream()).toList();
            for (PemFiles.Fault fault : faults) {
                unusable.add(started.unusable(fault.ofKey() ? Setting.TLS_KEY : Setting.TLS_CERTIFICATE, fault.why()));
            }
            if (faults.isEmpty()) { // each pair can be read, and JSSE does not take them
                unusable.add(started.unusable(Setting.TLS_CERTIFICATE, first));
            }
            return null;
        }
    }

    MemoryBudget memory() {
        return memory;
    }

    DirectMemory directMemory() {
        return directMemory;
    }

    /** What the index may have of the heap, in bytes. */
    long indexHeap() {
        return indexHeap;
    }

    /** To origins; null: none speaks it. */
    @Nullable
    OriginTls originTls() {
        return originTls;
    }

    RequestLog log() {
        if (log == null) {
            throw new IllegalStateException("closed since it could not be opened");
        }
        return log;
    }

    /** For clients; null: they speak none. */
    @Nullable
    ServerTls tls() {
        return tls;
    }

    /** What requests to the administration port must bear; null: nothing. */
    @Nullable
    AdminToken token() {
        return token;
    }

    @Override
    public void close() {
        Sidecar.closeAll(parts);
    }
}
