package dev.lastref.http.origin;

import java.time.Duration;

/**
 * How long the origin may take, and the client that sends it something.
 *
 * @param connect to accept a connection
 * @param firstByte to begin its response
 * @param idle between two pieces of a response, while somebody is waiting for them
 * @param content for the client to send a piece of its request's content
 */
public record OriginTimeouts(Duration connect, Duration firstByte, Duration idle, Duration content) {}
