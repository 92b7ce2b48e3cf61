package dev.lastref.pool.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@link TcpSockets} read from /proc/net/tcp and tcp6 (proc(5)): a text of all sockets, read once for each {@link #refresh}, or with the
 * first question. It tells the queues' lengths and no positions.
 */
public final class ProcNetTcp implements TcpSockets {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int QUEUES = 4;

    /** The first 12 bytes of an IPv4 address in an IPv6 socket's, as the tables show them. */
    private static final String MAPPED = words(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff});

    private @Nullable Map<String, TcpSocketInfo> sockets;

    @Override
    public void refresh() throws IOException {
        sockets = readTables();
    }

    private static Map<String, TcpSocketInfo> readTables() throws IOException {
        Map<String, TcpSocketInfo> read = new HashMap<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            Path path = Path.of(table);
            if (Files.exists(path)) { // no tcp6 where IPv6 is off
                try (Stream<String> lines = Files.lines(path, StandardCharsets.US_ASCII)) {
                    lines.skip(1).forEach(line -> add(line, read));
                }
            }
        }
        return read;
    }

    private static void add(String line, Map<String, TcpSocketInfo> read) {
        String[] fields = line.strip().split("\\s+", QUEUES + 2);
        TcpState state = TcpState.of(Integer.parseInt(fields[STATE], 16));
        if (state == TcpState.LISTEN) {
            return;
        }
        String queues = fields[QUEUES]; // sent:received
        int colon = queues.indexOf(':');
        TcpSocketInfo info = TcpSocketInfo.of(
                state,
                0,
                Long.parseLong(queues.substring(colon + 1), 16),
                Long.parseLong(queues.substring(0, colon), 16),
                TcpSocketInfo.UNKNOWN,
                TcpSocketInfo.UNKNOWN,
                TcpSocketInfo.UNKNOWN);
        String key = withoutMapping(fields[LOCAL]) + " " + withoutMapping(fields[REMOTE]);
        // A connection may take the addresses of one that still waits in TIME-WAIT.
        read.merge(key, info, (one, other) -> one.state() == TcpState.TIME_WAIT ? other : one);
    }

    private static String withoutMapping(String address) {
        return address.startsWith(MAPPED) ? address.substring(MAPPED.length()) : address;
    }

    @Override
    public @Nullable TcpSocketInfo find(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        Map<String, TcpSocketInfo> known = sockets;
        if (known == null) {
            known = readTables();
            sockets = known;
        }
        return known.get(key(local) + " " + key(remote));
    }

    private static String key(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        if (host == null) {
            throw new IllegalArgumentException("not an address but a name: " + address);
        }
        return words(host.getAddress()) + String.format(":%04X", address.getPort());
    }

    /** Each 4 bytes of an address as the kernel prints them: a number of the machine's byte order. */
    private static String words(byte[] address) {
        ByteBuffer bytes = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
        StringBuilder text = new StringBuilder();
        while (bytes.hasRemaining()) {
            text.append(String.format("%08X", bytes.getInt()));
        }
        return text.toString();
    }

    @Override
    public void close() {
        sockets = null;
    }
}
