package dev.lastref.http.origin;

import java.time.Duration;

/**
 * How long the origin may take.
 *
 * @param connect to accept a connection
 * @param firstByte to begin its response
 * @param idle between two pieces of a response, while somebody is waiting for them
 */
public record OriginTimeouts(Duration connect, Duration firstByte, Duration idle) {}
