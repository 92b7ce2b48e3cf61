package dev.lastref.http.early;

import dev.lastref.http.message.HeadLimits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The request that an I/O thread answers just now, and what it needs for that: connections, of which there are many, have nothing of it
 * between two requests. Reused for one after the other.
 */
final class EarlyRequest {
    final PlainHead head;
    final StoredHead response = new StoredHead();
    /** For a gathering write. */
    final ByteBuffer[] headAndContent = new ByteBuffer[2];

    long beganNanos;
    /** By the clock of what is stored. */
    long now;

    String host = "";
    String target = "";
    String scheme = "";
    String authority = "";
    /** Whether what the request says of itself counts. */
    boolean believed;
    /** As the client has it; null: it has none. */
    @Nullable
    String givenId;
    /** Null: nobody reads the log. */
    @Nullable
    String requestId;

    /** @param limits of the connections that requests come by */
    EarlyRequest(HeadLimits limits) {
        head = new PlainHead(limits);
    }
}
