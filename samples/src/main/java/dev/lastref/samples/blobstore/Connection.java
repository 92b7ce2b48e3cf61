package dev.lastref.samples.blobstore;

import dev.lastref.pool.Extent;
import dev.lastref.pool.Peer;
import dev.lastref.pool.PoolSnapshot;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client. Goes on each time that its socket is ready, as far as it gets without waiting:
 *
 * <pre>
 *              ┌──────────── a line ────────────► answer ──sent──┐
 *  next line ──┤                                    ▲            ├──► next line
 *              └── PUT ──► upload ──last byte───────┘            │
 * </pre>
 *
 * While an answer is under way nothing is read, so a client that does not take answers cannot send requests for ever either. Used by
 * the server's thread alone.
 */
final class Connection implements AutoCloseable {
    private static final int LONGEST_LINE = 1024;

    private final SocketChannel client;
    private final TmpfsPool pool;
    private final Blobs blobs;
    private final Peer peer;
    /** What was received and not used yet lies between position and limit. */
    private final ByteBuffer input = ByteBuffer.allocateDirect(64 * 1024).flip();

    private @Nullable Upload upload;
    private @Nullable Answer answer;
    private boolean ending;

    /**
     * @param client not blocking; closed with this connection
     * @param laggard told when the pool wants the connection reset; on a thread of the pool
     */
    Connection(SocketChannel client, TmpfsPool pool, Blobs blobs, Consumer<Connection> laggard) throws IOException {
        this.client = client;
        this.pool = pool;
        this.blobs = blobs;
        this.peer = pool.ledger()
                .peer(
                        (InetSocketAddress) client.getLocalAddress(),
                        (InetSocketAddress) client.getRemoteAddress(),
                        () -> laggard.accept(this));
    }

    /**
     * Goes on.
     *
     * @return what the socket must be ready for next, as of {@link SelectionKey}; 0 if the connection has come to its end
     */
    int proceed() throws IOException {
        while (true) {
            if (answer != null) {
                if (!answer.send(client)) {
                    return SelectionKey.OP_WRITE;
                }
                answer.close();
                answer = null;
            } else if (ending) {
                return 0;
            } else if (!useInput()) {
                input.compact();
                int received = client.read(input);
                input.flip();
                if (received <= 0) {
                    return received == 0 ? SelectionKey.OP_READ : 0;
                }
            }
        }
    }

    /** Uses what was received; false: more of it is needed first. */
    private boolean useInput() throws IOException {
        if (upload != null) {
            upload.take(input);
            if (!upload.isComplete()) {
                return false;
            }
            answer = stored(upload);
            upload = null;
            return true;
        }
        String line = takeLine();
        if (line == null && input.remaining() < LONGEST_LINE) {
            return false;
        }
        try {
            if (line == null) {
                throw new IllegalArgumentException("a line of more than " + LONGEST_LINE + " bytes");
            }
            begin(Command.parse(line));
        } catch (IllegalArgumentException e) {
            ending = true; // where the next request begins is in doubt
            answer = Answer.of("ERROR " + e.getMessage());
        }
        return true;
    }

    private @Nullable String takeLine() {
        for (int i = 0; i < Math.min(input.remaining(), LONGEST_LINE); i++) {
            if (input.get(input.position() + i) == '\n') {
                byte[] line = new byte[i];
                input.get(line).get();
                return new String(line, StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    private void begin(Command command) {
        switch (command.verb()) {
            case PUT -> upload = new Upload(command.name(), command.length(), pool.tryAllocate(command.length()));
            case GET -> {
                Transmission blob = blobs.send(command.name());
                answer = blob == null ? Answer.of("ABSENT") : Answer.of(blob.to(peer));
                peer.sending(command.name());
            }
            case DELETE -> answer = Answer.of(blobs.delete(command.name()) ? "DELETED" : "ABSENT");
            case STAT -> answer = Answer.of(stat());
        }
    }

    private Answer stored(Upload complete) {
        Extent blob = complete.finish();
        if (blob == null) {
            return Answer.of("FULL no room for " + complete.length() + " bytes in a pool of " + pool.capacity()
                    + " now: delete something, or try again when slow readers have finished");
        }
        blobs.put(complete.name(), blob);
        return Answer.of("STORED " + complete.length());
    }

    /** The pool's account: free and all that follows it sum to the capacity. */
    private String stat() {
        PoolSnapshot account = pool.snapshot();
        StringBuilder text = new StringBuilder("STAT blobs=" + blobs.count() + " sends=" + account.transmissions()
                + " capacity=" + account.capacity());
        account.bytes()
                .forEach((use, bytes) -> text.append(' ')
                        .append(use.name().toLowerCase(Locale.ROOT))
                        .append('=')
                        .append(bytes));
        return text.toString();
    }

    /** Closes the socket in a way that frees what is queued for the client at once. */
    void reset() throws IOException {
        client.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    /** Gives up what is under way, and closes the socket. */
    @Override
    public void close() throws IOException {
        if (answer != null) {
            answer.close();
            answer = null;
        }
        if (upload != null) {
            upload.abort();
            upload = null;
        }
        client.close();
        peer.closed();
    }
}
