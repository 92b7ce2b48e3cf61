package dev.lastref.bench.scale;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Clients that have asked for something large, and read a little of it now and then: they move, and take for ever. All are read from
 * by one thread, in turn, once a second. Whoever starts them closes them.
 */
final class SlowClients implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 16 * 1024;
    private static final int READ_A_SECOND = 2 * 1024;

    private final List<SocketChannel> channels;
    private final Thread thread;
    private volatile boolean closed;
    private volatile int lost;

    private SlowClients(List<SocketChannel> channels) {
        this.channels = channels;
        this.thread = new Thread(this::read, "slow clients");
        thread.setDaemon(true);
    }

    /** Connects that many, and has each ask for the path. */
    static SlowClients start(int count, int port, String path) throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        SlowClients clients = new SlowClients(channels);
        try {
            for (int i = 0; i < count; i++) {
                SocketChannel channel = SocketChannel.open();
                channels.add(channel);
                channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII)));
                channel.configureBlocking(false);
            }
        } catch (IOException e) {
            clients.close();
            throw e;
        }
        clients.thread.start();
        return clients;
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_A_SECOND);
        while (!closed) {
            int gone = 0;
            for (SocketChannel channel : channels) {
                try {
                    gone += channel.read(buffer.clear()) < 0 ? 1 : 0;
                } catch (IOException e) {
                    gone++;
                }
            }
            lost = gone;
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** How many the server has given up, which it should not: they make progress. */
    int lost() {
        return lost;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        for (SocketChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
