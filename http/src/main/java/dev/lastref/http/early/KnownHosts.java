package dev.lastref.http.early;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.http.message.RequestTarget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Hosts that the clients of one I/O thread have asked for last: most clients ask for few, and many for the same. For that thread. */
final class KnownHosts {
    private static final int SLOTS = 64;
    /** A name of 253 bytes (RFC 1035, section 2.3.4) is longer with a port; who has that goes the long way. */
    private static final int LONGEST = 255;

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

    /**
     * The one that a request is for.
     *
     * @param bytes have what Host says, from {@code from} up to, not including, {@code to}
     * @return null: it is none, or one that the server is to see
     */
    @Nullable
    Host of(byte[] bytes, int from, int to) {
        int slot = hash(bytes, from, to) & (SLOTS - 1);
        Host known = slots[slot];
        if (known != null && Arrays.equals(known.bytes, 0, known.bytes.length, bytes, from, to)) {
            return known;
        }
        String name = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        if (!RequestTarget.isAuthority(name) || name.endsWith(":") || name.length() > LONGEST) {
            return null;
        }
        Host found = new Host(name);
        slots[slot] = found;
        return found;
    }

    /** With no secret, since not much comes of others that have the same. */
    private static int hash(byte[] bytes, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash ^ (hash >>> 16);
    }
}
