package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.linux.ListeningSocket;
import dev.lastref.pool.linux.TcpOption;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who waits for the port to be opened, and connects in the same moment, is bounded like all others. */
class UnsentLimitTest extends SidecarTest {
    private static final int ROUNDS = 10;
    private static final int CLIENTS = 2;
    private static final int LIMIT = 64 * 1024;

    @Test
    void whoConnectsWhileThePortIsBeingOpenedHasTheUnsentLimit() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
            ExecutorService executor = Executors.newFixedThreadPool(CLIENTS);
            AtomicBoolean given = new AtomicBoolean();
            List<Future<SocketChannel>> clients = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(executor.submit(() -> connect(address, given)));
                }
                start("listen=127.0.0.1:" + address.getPort(), "transmit.unsent-limit=64KiB");
                for (Future<SocketChannel> client : clients) {
                    client.get(20, TimeUnit.SECONDS);
                }
                await().untilAsserted(() -> assertThat(unsentLimits(address.getPort()))
                        .hasSize(CLIENTS)
                        .containsOnly(LIMIT));
            } finally {
                given.set(true);
                executor.shutdown();
                assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
                for (Future<SocketChannel> client : clients) {
                    client.get().close();
                }
                sidecar.close();
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static SocketChannel connect(InetSocketAddress address, AtomicBoolean givenUp) throws IOException {
        while (true) {
            try {
                return SocketChannel.open(address);
            } catch (ConnectException notOpenYet) {
                if (givenUp.get()) {
                    throw notOpenYet;
                }
            }
        }
    }

    private static List<Integer> unsentLimits(int port) throws IOException {
        List<Integer> limits = new ArrayList<>();
        for (int descriptor : ListeningSocket.accepted(port)) {
            limits.add(TcpOption.TCP_NOTSENT_LOWAT.get(descriptor));
        }
        return limits;
    }
}
