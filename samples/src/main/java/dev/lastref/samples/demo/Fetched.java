package dev.lastref.samples.demo;

import java.util.Arrays;

/** One complete response. The body is not copied; nobody writes to it. */
final class Fetched {

    private final String path;
    private final long nanos;
    private final byte[] body;
    private final CacheStatus cacheStatus;

    Fetched(String path, long nanos, byte[] body, CacheStatus cacheStatus) {
        this.path = path;
        this.nanos = nanos;
        this.body = body;
        this.cacheStatus = cacheStatus;
    }

    String path() {
        return path;
    }

    /** From the start of the request to the last byte. */
    long nanos() {
        return nanos;
    }

    byte[] body() {
        return body;
    }

    CacheStatus cacheStatus() {
        return cacheStatus;
    }

    boolean hasBodyOf(Fetched other) {
        return Arrays.equals(body, other.body);
    }
}
