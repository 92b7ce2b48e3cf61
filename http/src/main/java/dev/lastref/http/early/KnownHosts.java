package dev.lastref.http.early;

import dev.lastref.cache.semantics.CacheKey;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Hosts that the clients of one I/O thread have asked for last: most clients ask for few, and many for the same. For that thread. */
final class KnownHosts {
    private static final int SLOTS = 64;

    private final @Nullable Host[] slots = new Host[SLOTS];

    /** One host as requests write it. */
    static final class Host {
        private final byte[] bytes;
        private final String name;
        /** Of any resource of it, by http. */
        private final CacheKey plain;
        /** The same by https; null: nobody has asked for one. */
        private @Nullable CacheKey secure;

        private Host(String name) {
            this.name = name;
            this.bytes = name.getBytes(StandardCharsets.ISO_8859_1);
            this.plain = CacheKey.of("GET", "http", name, "/");
        }

        /** As it was sent. */
        String name() {
            return name;
        }

        /** The key of any resource of it. */
        CacheKey key(boolean https) {
            return https ? secure() : plain;
        }

        private CacheKey secure() {
            CacheKey key = secure;
            if (key == null) {
                key = CacheKey.of("GET", "https", name, "/");
                secure = key;
            }
            return key;
        }
    }

    /** The one that a request is for. */
    Host of(PlainHead request) {
        int slot = request.hostHash() & (SLOTS - 1);
        Host known = slots[slot];
        if (known == null || !request.hasHost(known.bytes)) {
            known = new Host(request.host());
            slots[slot] = known;
        }
        return known;
    }
}
