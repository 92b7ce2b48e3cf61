package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listening socket that is to be closed loses nobody who believes to be connected. */
class ListeningSocketTest {
    /** TCP asks again after a second. */
    private static final int SOON_MILLIS = 700;

    private interface Deafening {
        void apply(int fd) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "0.0.0.0", "::"})
    void whoIsConnectedIsServedAndNobodyElseConnectsWithoutAnyPrivilege(String address) throws Exception {
        deafen(address, ListeningSocket::refuseByHopLimit);
    }

    @Test
    void whicheverWayTheKernelAllowsIsTaken() throws Exception {
        deafen("127.0.0.1", ListeningSocket::refuseHandshakes);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.2", "127.0.0.1, ::1", "::1, 127.0.0.1", "127.1.2.3, 127.3.2.1"})
    void anotherSocketOnTheSamePortIsAnother(String address, String other) throws Exception {
        try (ServerSocketChannel one = ServerSocketChannel.open();
                ServerSocketChannel two = ServerSocketChannel.open()) {
            one.bind(new InetSocketAddress(address, 0));
            InetSocketAddress first = (InetSocketAddress) one.getLocalAddress();
            two.bind(new InetSocketAddress(other, first.getPort()));
            InetSocketAddress second = (InetSocketAddress) two.getLocalAddress();
            assertThat(ListeningSocket.descriptors(first)).hasSize(1);
            assertThat(ListeningSocket.descriptors(second))
                    .hasSize(1)
                    .doesNotContainAnyElementsOf(ListeningSocket.descriptors(first));
        }
    }

    /** As a socket of a JVM without IPv6 is in the table of IPv4. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "0.0.0.0"})
    void aSocketOfIPv4AloneIsFound(String address) throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
            listening.bind(new InetSocketAddress(address, 0));
            assertThat(ListeningSocket.descriptors((InetSocketAddress) listening.getLocalAddress()))
                    .hasSize(1);
        }
    }

    private static void deafen(String address, Deafening deafening) throws Exception {
        InetAddress local = InetAddress.getByName(address);
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(local, 0), 16);
            int port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
            InetSocketAddress there =
                    new InetSocketAddress(local.isAnyLocalAddress() ? InetAddress.getByName("127.0.0.1") : local, port);
            try (SocketChannel before = SocketChannel.open(there);
                    Socket after = new Socket()) {
                int fd = ListeningSocket.descriptors((InetSocketAddress) listening.getLocalAddress())
                        .get(0);
                deafening.apply(fd);
                assertThatThrownBy(() -> after.connect(there, SOON_MILLIS)).isInstanceOf(SocketTimeoutException.class);
                assertThat(ListeningSocket.waiting(fd)).isEqualTo(1);
                before.write(ByteBuffer.wrap(new byte[] {1}));
                try (SocketChannel accepted = listening.accept()) {
                    ByteBuffer got = ByteBuffer.allocate(1);
                    assertThat(accepted.read(got)).isEqualTo(1);
                    accepted.write(ByteBuffer.wrap(new byte[] {2}));
                    assertThat(before.read(got.clear())).isEqualTo(1);
                    assertThat(got.get(0)).isEqualTo((byte) 2);
                }
            }
        }
    }
}
