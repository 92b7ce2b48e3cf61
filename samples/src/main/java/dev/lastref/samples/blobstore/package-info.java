/**
 * A blob store on {@code tmpfs-pool} alone: named runs of bytes in memory, put, sent and deleted over plain sockets. It is here to be
 * copied from.
 *
 * <p>Start with {@code Blobs}, the rules of ownership in forty lines; then {@code Connection}, which receives into an {@code ExtentWriter}
 * and sends with a {@code Transmission} at the client's own pace. {@code BlobServer} is the loop around the sockets, {@code BlobStore} the
 * command line. Uses nothing of Lastref but {@code dev.lastref.pool}.
 *
 * <p>The protocol is made of lines that end with LF. A request is answered before the next one is read; several may be sent ahead.
 *
 * <pre>
 *  PUT name length       and length bytes    STORED length        FULL why: the bytes were read, and dropped
 *  GET name                                  BLOB length          and length bytes
 *  DELETE name                               DELETED
 *                                            ABSENT               (to GET and DELETE: there is no such blob)
 *  STAT                                      STAT blobs=2 sends=1 capacity=67108864 free=50331648 ...
 *  anything else                             ERROR why            and the connection ends
 * </pre>
 *
 * Try it, after a build, with two terminals:
 *
 * <pre>{@code
 *  java -cp samples/target/lastref-demo.jar dev.lastref.samples.blobstore.BlobStore --listen 127.0.0.1:7070 --pool 64MiB
 *  printf 'PUT a 5\nhelloGET a\nSTAT\n' | nc -N 127.0.0.1 7070
 * }</pre>
 */
@NullMarked
package dev.lastref.samples.blobstore;

import org.jspecify.annotations.NullMarked;
