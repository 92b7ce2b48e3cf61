package dev.lastref.http;

import dev.lastref.cache.ResponseCache;
import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.MemoryBudget;
import dev.lastref.http.config.RunningSettings;
import dev.lastref.http.config.Setting;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.listen.Listeners;
import dev.lastref.http.listen.TcpLimits;
import dev.lastref.http.log.ChangeLog;
import dev.lastref.http.serve.RequestRate;
import dev.lastref.http.serve.ServeSettings;
import dev.lastref.pool.TmpfsPool;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How each part of a running sidecar takes other settings. */
final class ChangingParts {
    /** Held, since a logger that nobody holds forgets its level. */
    private static final Logger OURS = Logger.getLogger("dev.lastref");

    private static final Logger CHANGES = Logger.getLogger(ChangeLog.NAME);

    private static final System.Logger LOG = System.getLogger(ChangingParts.class.getName());

    private ChangingParts() {}

    /** The first to take what changes: only it may still refuse then. */
    static RunningSettings.Part pool(TmpfsPool pool, ResponseCache cache) {
        return next -> () -> {
            if (next.poolSize() != pool.target()) {
                try {
                    pool.resize(next.poolSize());
                } catch (IllegalArgumentException e) {
                    throw new ConfigException(Setting.POOL_SIZE.key() + " = " + next.poolSize()
                            + " bytes: expected another size (" + e.getMessage() + ")");
                }
                cache.poolResized();
            }
            pool.pinTimeout(next.pinTimeout());
        };
    }

    /** What is larger has to fit as it has at the start. */
    static RunningSettings.Part memory(MemoryBudget budget, TmpfsPool pool, SidecarConfig started) {
        AtomicLong sockets = new AtomicLong(sockets(started));
        return next -> {
            long wanted = sockets(next);
            if (next.poolSize() > pool.target() || wanted > sockets.get()) {
                budget.requireRoomFor(next.poolSize(), wanted);
            }
            return () -> sockets.set(wanted);
        };
    }

    /** Bytes that the kernel may queue in sockets beside the pool's pages. */
    static long sockets(SidecarConfig config) {
        return MemoryBudget.sockets(config.limits().connections(), config.unsentLimit());
    }

    static RunningSettings.Part store(ResponseCache cache) {
        return next -> () -> cache.storeBy(next.maxObject(), next.rules(), next.paths());
    }

    static ServeSettings serveSettings(SidecarConfig config) {
        return new ServeSettings(config.encodings(), config.collapseTimeout(), config.statusKey(), config.forwarded());
    }

    static RunningSettings.Part serving(AtomicReference<ServeSettings> served) {
        return next -> () -> served.set(serveSettings(next));
    }

    static RunningSettings.Part rate(RequestRate rate) {
        return next -> () -> rate.limit(next.limits().requestsPerSecondPerPeer());
    }

    /** The limits of the listening socket, which connections inherit that come later. */
    static RunningSettings.Part sockets(Listeners listeners) {
        return next -> () -> {
            try {
                listeners.limit(new TcpLimits(next.unsentLimit()));
            } catch (IOException e) { // it could at the start
                LOG.log(System.Logger.Level.WARNING, "new connections keep the old limits: {0}", e.getMessage());
            }
        };
    }

    /** A level that nobody set leaves alone what the user may have configured for the JDK's logging. */
    static RunningSettings.Part logging(Configuration started) {
        if (!started.of(Setting.LOG_LEVEL).source().equals("default")) {
            setLevel(level(started.config()));
        }
        return next -> {
            System.Logger.Level before = started.config().logLevel();
            return () -> {
                if (next.logLevel() != before || OURS.getLevel() != null) {
                    setLevel(level(next));
                }
            };
        };
    }

    /** Who has changed what is told nevertheless, unless the JDK's logging is told something else of it. */
    private static void setLevel(Level level) {
        if (CHANGES.getLevel() == null) {
            CHANGES.setLevel(Level.INFO);
        }
        OURS.setLevel(level);
    }

    private static Level level(SidecarConfig config) {
        return Level.parse(Integer.toString(config.logLevel().getSeverity()));
    }
}
