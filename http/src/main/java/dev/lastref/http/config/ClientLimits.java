package dev.lastref.http.config;

import dev.lastref.http.message.HeadLimits;
import java.time.Duration;

/**
 * What clients may do.
 *
 * @param connections that they may have open
 * @param connectionsPerPeer that one address may have open, unless it is a trusted proxy's
 * @param requestsPerSecondPerPeer that one address may make; 0: any number
 * @param idle how long a connection may be silent between two requests
 * @param head how large a request's head may be
 * @param headTimeout within which it must be complete
 * @param content bytes that a request may have
 * @param contentTimeout within which 1 KiB of it must come, or the rest
 */
public record ClientLimits(
        int connections,
        int connectionsPerPeer,
        int requestsPerSecondPerPeer,
        Duration idle,
        HeadLimits head,
        Duration headTimeout,
        long content,
        Duration contentTimeout) {}
