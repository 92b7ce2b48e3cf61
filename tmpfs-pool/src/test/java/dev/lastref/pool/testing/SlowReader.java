package dev.lastref.pool.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * A peer that reads no more than it is told to. It connects, reads nothing until {@link #read} or {@link #goOn}, and hands what it
 * reads to a {@link Taster}; a digest of everything is kept too. Reading is done on a thread of its own, so a test only tells and
 * looks. The test closes it.
 *
 * <p>{@link #main} is the same in a process of its own, for other network namespaces; this class therefore uses the JDK alone.
 */
public final class SlowReader implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    /** Looks at the bytes as they come. */
    @FunctionalInterface
    public interface Taster {
        /** The bytes from position {@code from} of the stream. An exception ends the reader, and {@link #awaitEnd} throws it. */
        void take(ByteBuffer bytes, long from);
    }

    private final SocketChannel channel;
    private final Taster taster;
    private final MessageDigest digest;
    private final Thread thread;
    // Guarded by this.
    private long allowed;
    private long received;
    private boolean ended;
    private boolean closed;
    private Exception failure;

    private SlowReader(SocketChannel channel, Taster taster) {
        this.channel = channel;
        this.taster = taster;
        this.digest = sha256();
        this.thread = new Thread(this::run, "slow-reader");
        thread.setDaemon(true);
        thread.start();
    }

    /** Connects, and reads nothing yet. */
    public static SlowReader connect(SocketAddress address) throws IOException {
        return connect(address, 0, (bytes, from) -> {});
    }

    /**
     * Connects, and reads nothing yet.
     *
     * @param receiveBuffer bytes of SO_RCVBUF, so that little fits before the sender stalls; 0: as the system has it
     */
    public static SlowReader connect(SocketAddress address, int receiveBuffer, Taster taster) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            if (receiveBuffer > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
            }
            channel.connect(address);
            return new SlowReader(channel, taster);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Compares what is read with the {@link SeededBytes} of this seed. */
    public static Taster expecting(long seed) {
        return (bytes, from) -> {
            long wrong = SeededBytes.firstMismatch(bytes, seed, from);
            if (wrong >= 0) {
                throw new IllegalStateException("byte " + wrong + " is not that of seed " + seed);
            }
        };
    }

    /** Sends a request. */
    public void send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads this many bytes more, then stalls. Returns at once. */
    public synchronized void read(long bytes) {
        allowed = Math.addExact(allowed, bytes);
        notifyAll();
    }

    /** Reads what lies in its queue now, and waits for no more to come; then it stalls again. Returns how much that was. */
    public int readWhatIsThere() throws IOException {
        int queued = channel.socket().getInputStream().available();
        long before = received();
        read(queued);
        awaitReceived(before + queued);
        return queued;
    }

    /** Reads whatever comes until the sender ends. Returns at once. */
    public synchronized void goOn() {
        allowed = Long.MAX_VALUE;
        notifyAll();
    }

    /** Says that it will send nothing more (half-close), and can read on. */
    public void sayNoMore() throws IOException {
        channel.shutdownOutput();
    }

    /** Breaks the connection, however much is unread. */
    public void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    /** Whether nothing more will be read: the sender ended or broke the connection, or a byte was wrong. */
    public synchronized boolean hasEnded() {
        return ended;
    }

    /** Fails if a byte was wrong; a connection that broke is no fault of the bytes. */
    public synchronized void failOnAWrongByte() {
        if (failure != null && !(failure instanceof IOException)) {
            throw new AssertionError(failure);
        }
    }

    /** Bytes read so far. */
    public synchronized long received() {
        return received;
    }

    /** Waits for this many bytes to have been read. */
    public void awaitReceived(long bytes) throws IOException {
        awaitUntil(bytes);
    }

    /**
     * Goes on until the sender ends.
     *
     * @return bytes received in all
     * @throws IOException if the connection was reset, or did not end within 30 seconds
     */
    public long awaitEnd() throws IOException {
        goOn();
        awaitUntil(Long.MAX_VALUE);
        return received();
    }

    private synchronized void awaitUntil(long bytes) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!ended && received < bytes) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new IOException("not within " + PATIENCE_SECONDS + " s, " + received + " bytes so far");
            }
            waitFor(left);
        }
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure != null) {
            throw new AssertionError(failure);
        }
        if (received < bytes && bytes != Long.MAX_VALUE) {
            throw new IOException("ended after " + received + " bytes, expected " + bytes);
        }
    }

    private void waitFor(long nanos) throws IOException {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** SHA-256 of everything received, in hexadecimal, once it has ended. */
    public synchronized String digest() {
        if (!ended) {
            throw new IllegalStateException("still reading");
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** SHA-256 in hexadecimal, to compare {@link #digest} with. */
    public static String digestOf(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** This end's port. */
    public int localPort() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        try {
            for (int room = room(); room > 0; room = room()) {
                int n = channel.read(buffer.clear().limit(Math.min(room, buffer.capacity())));
                if (n == -1) {
                    end(null);
                    return;
                }
                take(buffer.flip());
            }
            end(null);
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    private void take(ByteBuffer bytes) {
        int n = bytes.remaining();
        taster.take(bytes.asReadOnlyBuffer(), received());
        digest.update(bytes);
        synchronized (this) {
            received += n;
            notifyAll();
        }
    }

    /** How many bytes may be read now; waits while there are none; 0: closed. */
    private synchronized int room() throws IOException {
        while (!closed && received == allowed) {
            waitFor(TimeUnit.HOURS.toNanos(1));
        }
        return closed ? 0 : (int) Math.min(Integer.MAX_VALUE, allowed - received);
    }

    private synchronized void end(Exception e) {
        ended = true;
        failure = closed ? null : e;
        notifyAll();
    }

    /** Closes the connection, however much is unread, and waits for the thread. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        channel.close();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Arguments: host, port, bytes to read before it stalls. Prints {@code stalled}, waits for a line on standard input, reads to
     * the end and prints {@code end}, the number of bytes and their SHA-256.
     */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        long first = Long.parseLong(arguments[2]);
        try (SlowReader reader = connect(address);
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            reader.read(first);
            reader.awaitReceived(first);
            System.out.println("stalled");
            if (commands.readLine() != null) { // null: the test has gone
                System.out.println("end " + reader.awaitEnd() + " " + reader.digest());
            }
        }
    }
}
