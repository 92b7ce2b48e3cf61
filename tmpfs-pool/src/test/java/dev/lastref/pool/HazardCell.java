package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.SlowReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One cell of the hazard matrix: an extent, and a connection over which it is sent to a peer that stalls in the middle of it. The sender
 * has a thread of its own, since the kernel makes it wait.
 */
final class HazardCell implements AutoCloseable {
    /** Who receives. */
    enum Receiver {
        /** A client on this machine, whose receive queue holds our pages. */
        LOOPBACK,
        /** A client in another network namespace. */
        VETH,
        /** A client behind HAProxy, whose pipes hold our pages. */
        HAPROXY,
        /** A client that has nothing more to say, and goes on reading. */
        HALF_CLOSES,
        /** A client whose network is cut. */
        VANISHES,
        /** A client that breaks the connection. */
        RESETS,
        /** A client that reads nothing for longer than it may. */
        PAUSES;

        /** Whether it reads to the end. */
        boolean isOrderly() {
            return this == LOOPBACK || this == VETH || this == HAPROXY || this == HALF_CLOSES;
        }
    }

    /** How much is sent. */
    enum Size {
        SMALL_COPIED(4_000),
        MEDIUM(64 * 1024),
        LARGE(4 << 20),
        LARGER_THAN_A_SEGMENT(HazardMatrixTest.SEGMENT + (3 << 20) + 777);

        private final int length;

        Size(int length) {
            this.length = length;
        }

        int length() {
            return length;
        }

        /** More than the queues of a connection hold. */
        boolean stalls() {
            return length >= LARGE.length;
        }
    }

    private final Receiver receiver;
    private final Size size;
    private final long seed;
    private final Extent extent;
    private final SlowReader reader;
    private final SocketChannel socket;
    private final Peer peer;
    private final CompletableFuture<Void> released;
    private final Thread sender;
    private volatile IOException failure;

    HazardCell(
            Receiver receiver,
            Size size,
            long seed,
            TmpfsPool pool,
            Extent extent,
            SlowReader reader,
            SocketChannel socket)
            throws IOException {
        this.receiver = receiver;
        this.size = size;
        this.seed = seed;
        this.extent = extent;
        this.reader = reader;
        this.socket = socket;
        this.peer = pool.ledger()
                .peer(
                        (InetSocketAddress) socket.getLocalAddress(),
                        (InetSocketAddress) socket.getRemoteAddress(),
                        this::reset);
        Transmission transmission = extent.transmit().to(peer);
        this.released = transmission.released().toCompletableFuture();
        this.sender = new Thread(() -> send(transmission), "sender-" + this);
        sender.start();
    }

    private void send(Transmission transmission) {
        try (transmission;
                socket) {
            while (transmission.available() > 0) {
                if (size == Size.SMALL_COPIED) {
                    transmission.advance(socket.write(transmission.peek(Integer.MAX_VALUE)));
                } else {
                    transmission.transferTo((file, position, count) -> file.transferTo(position, count, socket));
                }
            }
        } catch (IOException e) {
            failure = e;
        } finally {
            peer.closed();
        }
    }

    /** By the pool, on the ledger's thread. */
    private void reset() {
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.shutdownOutput(); // wakes the sender: a close alone leaves the socket to its call, for ever
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Receiver receiver() {
        return receiver;
    }

    /** Where it receives. */
    InetSocketAddress remote() {
        return peer.remote();
    }

    Size size() {
        return size;
    }

    long seed() {
        return seed;
    }

    Extent extent() {
        return extent;
    }

    /** Lets the peer read the first bytes, and no more. */
    void stall() throws IOException {
        int first = Math.min(size.length() / 2, 20_000);
        reader.read(first);
        reader.awaitReceived(first);
    }

    /** Waits until the kernel has all of it. */
    void awaitSent() {
        await().atMost(Duration.ofSeconds(20)).until(() -> !sender.isAlive());
    }

    /** Has the peer do what it does. */
    void goOn() throws IOException {
        switch (receiver) {
            case LOOPBACK, VETH, HAPROXY -> reader.goOn();
            case HALF_CLOSES -> {
                reader.sayNoMore();
                reader.goOn();
            }
            case RESETS -> {
                assertReadsWhatItHas();
                reader.reset();
            }
            case VANISHES -> assertReadsWhatItHas();
            case PAUSES -> {} // it does nothing
        }
    }

    /** What lies in its queue are our pages, though they were let go of here, or the link is cut. */
    private void assertReadsWhatItHas() throws IOException {
        assertThat(reader.readWhatIsThere()).as("%s: unread bytes", this).isPositive();
        reader.failOnAWrongByte();
    }

    /** Waits for the sender's end, and checks what the peer has; every byte that it read was compared as it came. */
    void assertEnds() throws Exception {
        if (receiver.isOrderly()) {
            assertThat(reader.awaitEnd()).as(toString()).isEqualTo(size.length());
        }
        sender.join(TimeUnit.SECONDS.toMillis(40));
        assertThat(sender.isAlive()).as("%s still sends", this).isFalse();
        if (receiver.isOrderly()) {
            assertThat(failure).as(toString()).isNull();
        } else if (size.stalls()) {
            assertThat(failure)
                    .as("%s: what the kernel said to the sender", this)
                    .isNotNull();
        }
        if (receiver == Receiver.PAUSES) {
            assertReadsOnAsFarAsItWent();
        }
        if (receiver == Receiver.VANISHES) {
            assertThat(reader.received()).isLessThanOrEqualTo(size.length());
            reader.close();
        }
    }

    private void assertReadsOnAsFarAsItWent() throws IOException {
        if (size.stalls()) {
            reader.goOn();
            await().atMost(Duration.ofSeconds(20)).until(reader::hasEnded);
            assertThat(reader.received()).as(toString()).isLessThan(size.length());
        } else {
            // All of it was in its queue before it paused.
            assertThat(reader.awaitEnd()).as(toString()).isEqualTo(size.length());
        }
        reader.failOnAWrongByte();
    }

    /** Whether its own segments came back: by the kernel's word, or it was closed before there was one. */
    void assertReleased(boolean byTheKernelsWord) {
        await().atMost(Duration.ofSeconds(40)).until(released::isDone);
        if (byTheKernelsWord) {
            assertThat(released).as("%s: its segments are proven free", this).isCompletedWithValue(null);
        } else if (released.isCompletedExceptionally()) {
            assertThatThrownBy(released::join).as(toString()).hasMessageContaining("the pool was closed before");
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
        socket.close();
        try {
            sender.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (extent.isLive()) { // the test has failed, and should not make the next ones fail
            extent.release();
        }
    }

    @Override
    public String toString() {
        return receiver + " x " + size + ", seed " + seed;
    }
}
