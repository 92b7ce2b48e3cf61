package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.NetworkNamespace;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TcpTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the kernel says of sockets is compared with what was done to them, by both ways of asking it. */
@Timeout(60)
class TcpSocketsTest {
    private static final int SENT = 50_000;
    /** More than any socket takes. */
    private static final ByteBuffer TOO_MUCH = ByteBuffer.allocate(32 << 20);

    /** Both ways to ask. */
    enum Way {
        SOCK_DIAG {
            @Override
            TcpSockets open() throws IOException {
                return SockDiag.open(SockDiag.NETLINK_SOCK_DIAG);
            }
        },
        PROC_NET_TCP {
            @Override
            TcpSockets open() {
                return new ProcNetTcp();
            }
        };

        abstract TcpSockets open() throws IOException;
    }

    /** An accepted socket that sends, and its peer, which reads nothing by itself. */
    private record Connection(SocketChannel sender, SocketChannel peer, InetSocketAddress here, InetSocketAddress there)
            implements AutoCloseable {
        static Connection open(String host, ProtocolFamily family) throws IOException {
            try (ServerSocketChannel listener =
                    family == null ? ServerSocketChannel.open() : ServerSocketChannel.open(family)) {
                listener.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
                SocketChannel peer = SocketChannel.open(listener.getLocalAddress());
                SocketChannel sender = listener.accept();
                sender.configureBlocking(false);
                return new Connection(sender, peer, (InetSocketAddress) sender.getLocalAddress(), (InetSocketAddress)
                        sender.getRemoteAddress());
            }
        }

        static Connection open() throws IOException {
            return open("127.0.0.1", null);
        }

        /** Sends until the socket takes no more; returns how much it took. */
        long fill() throws IOException {
            ByteBuffer bytes = TOO_MUCH.duplicate();
            while (sender.write(bytes) > 0) {}
            assertThat(bytes.hasRemaining()).as("the connection is full").isTrue();
            return bytes.position();
        }

        void read(long bytes) throws IOException {
            for (long left = bytes; left > 0; ) {
                int n = peer.read(ByteBuffer.allocate((int) Math.min(left, 1 << 20)));
                assertThat(n).isPositive();
                left -= n;
            }
        }

        void reset() throws IOException {
            sender.setOption(StandardSocketOptions.SO_LINGER, 0);
            sender.close();
        }

        @Override
        public void close() throws IOException {
            sender.close();
            peer.close();
        }
    }

    private static TcpSocketInfo find(TcpSockets sockets, InetSocketAddress local, InetSocketAddress remote) {
        try {
            sockets.refresh();
            return sockets.find(local, remote);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static TcpSocketInfo awaitInfo(
            TcpSockets sockets, InetSocketAddress local, InetSocketAddress remote, Predicate<TcpSocketInfo> condition) {
        return await().until(() -> find(sockets, local, remote), condition);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatIsUnreadLiesInTheQueuesOfBothEnds(Way way) throws Exception {
        try (Connection connection = Connection.open();
                TcpSockets sockets = way.open()) {
            long sent = connection.fill();
            await().untilAsserted(() -> {
                TcpSocketInfo here = find(sockets, connection.here(), connection.there());
                TcpSocketInfo there = find(sockets, connection.there(), connection.here());
                assertThat(here.state()).isEqualTo(TcpState.ESTABLISHED);
                assertThat(here.receiveQueue()).isZero();
                assertThat(here.sendQueue()).isPositive();
                assertThat(there.receiveQueue()).isPositive();
                assertThat(there.sendQueue()).isZero();
                assertThat(here.sendQueue() + there.receiveQueue()).isEqualTo(sent);
            });
            connection.read(sent);
            awaitInfo(sockets, connection.here(), connection.there(), here -> here.sendQueue() == 0);
            awaitInfo(sockets, connection.there(), connection.here(), there -> there.receiveQueue() == 0);
        }
    }

    @Test
    void positionsSayWhatWasAcknowledgedAndRead() throws Exception {
        try (Connection connection = Connection.open();
                TcpSockets sockets = Way.SOCK_DIAG.open()) {
            connection.sender().write(ByteBuffer.allocate(SENT));
            TcpSocketInfo here =
                    awaitInfo(sockets, connection.here(), connection.there(), info -> info.acknowledged() == SENT);
            assertThat(here.hasPositions()).isTrue();
            assertThat(here.sendQueue()).isZero();
            assertThat(here.notSent()).isZero();
            connection.read(20_000);
            TcpSocketInfo there = find(sockets, connection.there(), connection.here());
            assertThat(there.received()).isEqualTo(SENT);
            assertThat(there.receiveQueue()).isEqualTo(SENT - 20_000);

            long more = connection.fill();
            here = awaitInfo(sockets, connection.here(), connection.there(), info -> info.notSent() > 0);
            assertThat(here.acknowledged() + here.sendQueue()).isEqualTo(SENT + more);
            assertThat(here.notSent()).isLessThanOrEqualTo(here.sendQueue());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anIpv4ConnectionIsFoundWhicheverKindOfSocketSpeaksIt(Way way) throws Exception {
        try (Connection dual = Connection.open("127.0.0.1", null);
                Connection plain = Connection.open("127.0.0.1", StandardProtocolFamily.INET);
                TcpSockets sockets = way.open()) {
            for (Connection connection : new Connection[] {dual, plain}) {
                connection.sender().write(ByteBuffer.allocate(SENT));
                awaitInfo(
                        sockets,
                        connection.there(),
                        connection.here(),
                        peer -> peer != null && peer.receiveQueue() == SENT);
                assertThat(find(sockets, connection.here(), connection.there())).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anIpv6ConnectionIsFound(Way way) throws Exception {
        Requires.that(NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null, "the address ::1");
        try (Connection connection = Connection.open("::1", null);
                TcpSockets sockets = way.open()) {
            connection.sender().write(ByteBuffer.allocate(SENT));
            awaitInfo(
                    sockets,
                    connection.there(),
                    connection.here(),
                    peer -> peer != null && peer.receiveQueue() == SENT);
            assertThat(find(sockets, connection.here(), connection.there()).state())
                    .isEqualTo(TcpState.ESTABLISHED);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anOrphanThatNoProcessOwnsIsFound(Way way) throws Exception {
        try (Connection connection = Connection.open();
                TcpSockets sockets = way.open()) {
            long sent = connection.fill();
            connection.sender().close();
            TcpSocketInfo orphan = find(sockets, connection.here(), connection.there());
            assertThat(orphan.state()).isEqualTo(TcpState.FIN_WAIT1);
            assertThat(orphan.sendQueue()).isPositive();

            connection.read(sent);
            awaitInfo(sockets, connection.here(), connection.there(), info -> info.state() == TcpState.FIN_WAIT2);
            // The FIN is in the queue until it is read, and is no byte that anybody holds.
            TcpSocketInfo peer = awaitInfo(
                    sockets, connection.there(), connection.here(), info -> info.state() == TcpState.CLOSE_WAIT);
            assertThat(peer.receiveQueue()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aConnectionThatWaitsInTimeWaitHasNothingQueued(Way way) throws Exception {
        try (Connection connection = Connection.open();
                TcpSockets sockets = way.open()) {
            connection.sender().close();
            connection.peer().close();
            TcpSocketInfo waiting = awaitInfo(
                    sockets, connection.here(), connection.there(), info -> info.state() == TcpState.TIME_WAIT);
            assertThat(waiting.sendQueue()).isZero();
            assertThat(waiting.hasPositions()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aResetConnectionIsGone(Way way) throws Exception {
        try (Connection connection = Connection.open();
                TcpSockets sockets = way.open()) {
            connection.fill();
            connection.reset();
            assertThat(find(sockets, connection.here(), connection.there())).isNull();
            assertThat(find(sockets, connection.there(), connection.here())).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void theListenerIsNotTakenForAConnectionThatThereIsNot(Way way) throws Exception {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
                TcpSockets sockets = way.open()) {
            InetSocketAddress here = (InetSocketAddress) listener.getLocalAddress();
            assertThat(find(sockets, here, new InetSocketAddress(here.getAddress(), 1)))
                    .isNull();
        }
    }

    @Test
    void aCookieTellsOneConnectionFromAnother() throws Exception {
        try (Connection one = Connection.open();
                Connection other = Connection.open();
                TcpSockets sockets = Way.SOCK_DIAG.open()) {
            long first = find(sockets, one.here(), one.there()).cookie();
            assertThat(first).isEqualTo(find(sockets, one.here(), one.there()).cookie());
            assertThat(first)
                    .isNotIn(0L, find(sockets, other.here(), other.there()).cookie());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aPeerInAnotherNetworkNamespaceIsKnownByOurEndOnly(Way way) throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.create();
                ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(namespace.hostAddress(), 0));
                ChildJvm receiver = ChildJvm.start(
                        namespace.prefix(),
                        SlowReader.class,
                        namespace.hostAddress().getHostAddress(),
                        String.valueOf(listener.socket().getLocalPort()),
                        "1000");
                SocketChannel sender = listener.accept();
                TcpSockets sockets = way.open()) {
            sender.configureBlocking(false);
            while (sender.write(TOO_MUCH.duplicate()) > 0) {}
            receiver.awaitLine("stalled");
            InetSocketAddress here = (InetSocketAddress) sender.getLocalAddress();
            InetSocketAddress there = (InetSocketAddress) sender.getRemoteAddress();
            assertThat(find(sockets, here, there).sendQueue()).isPositive();
            assertThat(find(sockets, there, here)).isNull();
        }
    }

    @Test
    void whereNetlinkIsDeniedTheTablesAreRead() throws Exception {
        int unassigned =
                31; // linux/netlink.h has no such protocol: the kernel refuses the socket as a seccomp profile would
        assertThatThrownBy(() -> SockDiag.open(unassigned))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("AF_NETLINK");
        try (TcpSockets denied = TcpSockets.open(unassigned);
                TcpSockets granted = TcpSockets.open()) {
            assertThat(denied).isInstanceOf(ProcNetTcp.class);
            assertThat(granted).isInstanceOf(SockDiag.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatCannotBeAConnectionIsRefusedByName(Way way) throws Exception {
        try (TcpSockets sockets = way.open()) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sockets.find(address, InetSocketAddress.createUnresolved("peer.example", 1)))
                    .withMessageContaining("peer.example");
        }
    }

    @Test
    void statesHaveTheKernelsNumbers() {
        assertThat(TcpState.of(TcpTable.FIN_WAIT1)).isEqualTo(TcpState.FIN_WAIT1);
        assertThat(TcpState.of(1)).isEqualTo(TcpState.ESTABLISHED);
        assertThat(TcpState.of(10)).isEqualTo(TcpState.LISTEN);
        assertThat(TcpState.of(99)).isEqualTo(TcpState.CLOSE);
    }
}
