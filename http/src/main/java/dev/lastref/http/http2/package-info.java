/**
 * HTTP/2 towards clients (RFC 9113), on XNIO's channels: frames, HPACK, flow control and streams, each request an exchange of the
 * server's like those of HTTP/1.1. Depends on {@code message} and {@code log} only. Start with {@link dev.lastref.http.http2.Http2Connection}.
 */
@NullMarked
package dev.lastref.http.http2;

import org.jspecify.annotations.NullMarked;
