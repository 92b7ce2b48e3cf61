package dev.lastref.pool.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * Punches whole pages out of a file while their bytes are on their way, and looks at what arrives and at what is left in the file. Safe
 * it is where every byte arrives and the pages leave; not so where the file has large folios.
 */
final class PunchProbe {
    /** As large as the largest folio that a segment can begin with, and a huge page of x86-64 and most arm64 systems. */
    private static final int SIZE = 2 * 1024 * 1024;

    private static final int BYTES = 64 * 1024;
    /** In the middle of the file, so in the middle of a folio if there is one. */
    private static final int FROM = SIZE / 2;

    private static final byte PATTERN = 0x5a;

    /** What was seen. */
    enum Outcome {
        /** The pages left the file, and every byte arrived as it was sent. */
        SAFE,
        /** A byte arrived changed. */
        CHANGED,
        /** Every byte arrived, and the pages are still in the file. */
        STAYED
    }

    /** Makes a file of that many bytes. */
    @FunctionalInterface
    interface Maker {
        TmpfsFile make(int size) throws IOException;
    }

    private PunchProbe() {}

    /** Tries it with files whose pages come with the writes, and with files that have them before, as prepared segments do. */
    static Outcome run(Maker maker) throws IOException {
        Outcome written = run(maker, false);
        return written == Outcome.SAFE ? run(maker, true) : written;
    }

    private static Outcome run(Maker maker, boolean allocated) throws IOException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (TmpfsFile file = maker.make(SIZE);
                ServerSocketChannel server = ServerSocketChannel.open().bind(loopback);
                SocketChannel receiver = SocketChannel.open(server.getLocalAddress());
                SocketChannel sender = server.accept()) {
            if (allocated) {
                file.allocatePages();
            }
            byte[] pattern = new byte[SIZE];
            Arrays.fill(pattern, PATTERN);
            ByteBuffer bytes = ByteBuffer.wrap(pattern);
            while (bytes.hasRemaining()) {
                file.channel().write(bytes, bytes.position());
            }
            int sent = (int) file.channel().transferTo(FROM, BYTES, sender);
            boolean left = file.punch(FROM + BYTES / 4, BYTES / 2);
            ByteBuffer arrived = ByteBuffer.allocate(sent);
            while (arrived.hasRemaining() && receiver.read(arrived) >= 0) {
                // until all is there
            }
            if (arrived.hasRemaining() || Arrays.mismatch(arrived.array(), Arrays.copyOf(pattern, sent)) != -1) {
                return Outcome.CHANGED;
            }
            return left ? Outcome.SAFE : Outcome.STAYED;
        }
    }
}
