package dev.lastref.pool.testing;

import dev.lastref.pool.FileSink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** One TCP connection over loopback: a non-blocking sender's end, and a {@link SlowReader} that has read nothing yet. */
public final class Loopback implements AutoCloseable {
    private final SocketChannel sender;
    private final SlowReader reader;

    private Loopback(SocketChannel sender, SlowReader reader) {
        this.sender = sender;
        this.reader = reader;
    }

    /** A connection as the system makes it. */
    public static Loopback open() throws IOException {
        return open((bytes, from) -> {});
    }

    /** A connection whose reader looks at the bytes so. */
    public static Loopback open(SlowReader.Taster taster) throws IOException {
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return open(listener, 0, taster);
        }
    }

    /** A connection accepted by this listener. */
    public static Loopback open(ServerSocketChannel listener, int receiveBuffer, SlowReader.Taster taster)
            throws IOException {
        SlowReader reader = SlowReader.connect(listener.getLocalAddress(), receiveBuffer, taster);
        SocketChannel sender = listener.accept();
        sender.configureBlocking(false);
        return new Loopback(sender, reader);
    }

    public SocketChannel sender() {
        return sender;
    }

    public SlowReader reader() {
        return reader;
    }

    /** Sends with sendfile. */
    public FileSink sink() {
        return (file, position, count) -> file.transferTo(position, count, sender);
    }

    /** The sender's port. */
    public int senderPort() throws IOException {
        return ((InetSocketAddress) sender.getLocalAddress()).getPort();
    }

    /** Closes both ends, however much is unread. */
    @Override
    public void close() throws IOException {
        sender.close();
        reader.close();
    }
}
