package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the descriptor of one of our own listening sockets without reflection into the JDK: the socket's inode stands in
 * /proc/net/tcp or tcp6 beside its port, and the links of /proc/self/fd say which descriptor has that inode.
 */
public final class ListeningSocket {
    private static final String LISTEN = "0A"; // include/net/tcp_states.h

    private ListeningSocket() {}

    /**
     * The descriptors of this process that listen on a TCP port, of any local address.
     *
     * @throws IOException if /proc cannot be read
     */
    public static List<Integer> descriptors(int port) throws IOException {
        Set<String> inodes = new HashSet<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            if (Files.exists(Path.of(table))) { // no tcp6 where IPv6 is off
                Files.readAllLines(Path.of(table)).stream()
                        .skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(fields -> fields[3].equals(LISTEN) && localPort(fields[1]) == port)
                        .forEach(fields -> inodes.add("socket:[" + fields[9] + "]"));
            }
        }
        return descriptorsLinkedTo(inodes);
    }

    private static int localPort(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }

    private static List<Integer> descriptorsLinkedTo(Set<String> targets) throws IOException {
        List<Integer> found = new java.util.ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                try {
                    if (targets.contains(Files.readSymbolicLink(link).toString())) {
                        found.add(Integer.parseInt(link.getFileName().toString()));
                    }
                } catch (NoSuchFileException closedMeanwhile) {
                    // another thread closed it between the listing and the look: not a listener of ours
                }
            }
        }
        return found;
    }
}
