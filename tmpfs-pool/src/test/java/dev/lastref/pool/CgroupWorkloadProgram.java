package dev.lastref.pool;

import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SlowReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Does what a seed says to a pool, to be watched from outside: stores, sends to readers that read now and then, lets go. At first, and every
 * so many steps, it stands still, says what its files and its account are each time that it is sent a line, and goes on when it is told to.
 *
 * <p>Arguments: seed, capacity, rounds, and perhaps a directory on tmpfs.
 */
final class CgroupWorkloadProgram {
    private static final int STEPS_A_ROUND = 300;
    private static final int CONNECTIONS = 4;
    private static final int LARGEST = 400_000;

    private CgroupWorkloadProgram() {}

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(Long.parseLong(arguments[0]));
        long capacity = Long.parseLong(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<Loopback> connections = new ArrayList<>();
        List<Peer> peers = new ArrayList<>();
        PoolConfig config = PoolConfig.of(capacity)
                .withUnprovenFor(Duration.ofMillis(500))
                .withPunching(KernelProbe.run().punchingIsSafe());
        if (arguments.length > 3) {
            config = config.withDirectory(Path.of(arguments[3]));
        }
        try (TmpfsPool pool = TmpfsPool.open(config)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                Loopback connection = Loopback.open(new Accepting());
                SocketChannel socket = connection.sender();
                connections.add(connection);
                peers.add(pool.ledger()
                        .peer(
                                (InetSocketAddress) socket.getLocalAddress(),
                                (InetSocketAddress) socket.getRemoteAddress(),
                                () -> {}));
            }
            stand(pool, commands);
            List<Extent> stored = new ArrayList<>();
            List<Transmission> sends = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (int step = 0; step < STEPS_A_ROUND; step++) {
                    step(pool, random, stored, sends, connections, peers);
                }
                stand(pool, commands);
            }
            sends.forEach(Transmission::close);
            stored.forEach(Extent::release);
            for (Loopback connection : connections) {
                connection.sender().close();
                connection.reader().awaitEnd();
                connection.close();
            }
            stand(pool, commands);
        }
    }

    /** Reads whatever comes. */
    private static final class Accepting implements SlowReader.Taster {
        @Override
        public void take(ByteBuffer bytes, long from) {
            bytes.position(bytes.limit());
        }
    }

    private static void step(
            TmpfsPool pool,
            Random random,
            List<Extent> stored,
            List<Transmission> sends,
            List<Loopback> connections,
            List<Peer> peers)
            throws Exception {
        int which = random.nextInt(CONNECTIONS);
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                int length = 1 + random.nextInt(LARGEST);
                ExtentWriter writer = pool.tryAllocate(length);
                if (writer != null) {
                    Pools.append(writer, random.nextLong(), length);
                    stored.add(writer.commit());
                } else if (!stored.isEmpty()) {
                    stored.remove(random.nextInt(stored.size())).release();
                }
            }
            case 2 -> {
                if (!stored.isEmpty()) {
                    stored.remove(random.nextInt(stored.size())).release();
                }
            }
            case 3 -> {
                if (!stored.isEmpty()) {
                    Transmission begun =
                            stored.get(random.nextInt(stored.size())).transmit().to(peers.get(which));
                    begun.transferTo(connections.get(which).sink());
                    sends.add(begun);
                }
            }
            case 4 -> {
                if (!sends.isEmpty()) {
                    sends.remove(random.nextInt(sends.size())).close();
                }
            }
            // Half of what they are sent, so that much of it is on its way.
            default -> connections.get(which).reader().read(random.nextInt(LARGEST / 2));
        }
    }

    /** Stands still, and says how things are each time that it is asked, until it is told to go on. */
    private static void stand(TmpfsPool pool, BufferedReader commands) throws IOException {
        for (String line = commands.readLine(); line != null && !line.equals("go on"); line = commands.readLine()) {
            System.out.println(
                    line + " " + Memfds.allocatedBytes() + " " + pool.snapshot().usedBytes());
        }
    }
}
