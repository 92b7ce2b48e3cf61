package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.pool.linux.ListeningSocket;
import dev.lastref.pool.linux.TcpOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpLimitsTest {
    private final TcpLimits limits = new TcpLimits(128 * 1024);

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
    void theListeningSocketHasTheLimit(String address) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(address, 0))) {
            InetSocketAddress local = (InetSocketAddress) server.getLocalAddress();
            limits.applyTo(local);
            List<Integer> descriptors = ListeningSocket.descriptors(local);
            assertThat(descriptors).hasSize(1);
            assertThat(TcpOption.TCP_NOTSENT_LOWAT.get(descriptors.get(0))).isEqualTo(128 * 1024);
            assertThat(TcpOption.TCP_USER_TIMEOUT.get(descriptors.get(0)))
                    .as("it would end readers that are slow and move")
                    .isZero();
        }
    }

    @Test
    void otherListenersKeepTheirs() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(any);
                ServerSocketChannel other = ServerSocketChannel.open().bind(any)) {
            int descriptor = ListeningSocket.descriptors((InetSocketAddress) other.getLocalAddress())
                    .get(0);
            int before = TcpOption.TCP_NOTSENT_LOWAT.get(descriptor);
            limits.applyTo((InetSocketAddress) server.getLocalAddress());
            assertThat(TcpOption.TCP_NOTSENT_LOWAT.get(descriptor))
                    .isEqualTo(before)
                    .isNotEqualTo(128 * 1024);
        }
    }

    @Test
    void whoConnectedBeforeIsCountedAndGetsItWhenAccepted() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(any)) {
            InetSocketAddress local = (InetSocketAddress) server.getLocalAddress();
            try (SocketChannel before = SocketChannel.open(local)) {
                assertThat(limits.applyTo(local)).isEqualTo(1);
                try (SocketChannel after = SocketChannel.open(local);
                        SocketChannel first = server.accept();
                        SocketChannel second = server.accept()) {
                    assertThat(List.of(first.getRemoteAddress(), second.getRemoteAddress()))
                            .containsExactly(before.getLocalAddress(), after.getLocalAddress());
                    List<Integer> accepted = ListeningSocket.accepted(local.getPort());
                    assertThat(unsentLimits(accepted)).containsExactlyInAnyOrder(0, 128 * 1024);
                    limits.applyToAccepted(local.getPort());
                    assertThat(unsentLimits(accepted)).containsExactly(128 * 1024, 128 * 1024);
                    assertThat(limits.applyTo(local)).isZero();
                }
            }
        }
    }

    private static List<Integer> unsentLimits(List<Integer> descriptors) throws IOException {
        List<Integer> limits = new ArrayList<>();
        for (int descriptor : descriptors) {
            limits.add(TcpOption.TCP_NOTSENT_LOWAT.get(descriptor));
        }
        return limits;
    }

    @Test
    void aPortThatNobodyHereListensOnIsNamed() throws IOException {
        InetSocketAddress local;
        try (ServerSocketChannel gone = ServerSocketChannel.open().bind(null)) {
            local = (InetSocketAddress) gone.getLocalAddress();
        }
        assertThatThrownBy(() -> limits.applyTo(local))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("no listening socket", Integer.toString(local.getPort()));
    }
}
