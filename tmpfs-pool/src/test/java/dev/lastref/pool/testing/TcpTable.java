package dev.lastref.pool.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The TCP sockets of this network namespace, those without a process included (proc(5), /proc/net/tcp). */
public final class TcpTable {
    /** include/net/tcp_states.h */
    public static final int FIN_WAIT1 = 4;

    private TcpTable() {}

    /**
     * One socket.
     *
     * @param state as in include/net/tcp_states.h
     * @param inode what a descriptor's link shows; 0 where no process has it
     */
    public record Row(int localPort, int remotePort, int state, long inode) {
        static Row of(String line) {
            String[] fields = line.strip().split("\\s+");
            return new Row(
                    port(fields[1]), port(fields[2]), Integer.parseInt(fields[3], 16), Long.parseLong(fields[9]));
        }

        private static int port(String address) {
            return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
        }
    }

    /** All of them now. */
    public static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            if (Files.exists(Path.of(table))) {
                try {
                    Files.readAllLines(Path.of(table)).stream()
                            .skip(1)
                            .map(Row::of)
                            .forEach(rows::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return rows;
    }

    /** The socket between these two ports, or null. */
    public static Row between(int localPort, int remotePort) {
        return rows().stream()
                .filter(row -> row.localPort() == localPort && row.remotePort() == remotePort)
                .findFirst()
                .orElse(null);
    }
}
