package dev.lastref.pool.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Finds the descriptors of one of our own listening sockets, and of what was accepted on it, without reflection into the JDK: the
 * socket's inode stands in /proc/net/tcp or tcp6 beside its address and port, and the links of /proc/self/fd say which descriptor has
 * that inode.
 */
public final class ListeningSocket {
    private static final String LISTEN = "0A"; // include/net/tcp_states.h

    /** asm-generic/socket.h */
    private static final int SOL_SOCKET = 1;

    private static final int SO_ATTACH_FILTER = 26;

    /** linux/tcp.h; the field of struct tcp_info that a listening socket's queue stands in, in ints. */
    private static final int TCP_INFO = 11;

    private static final int TCPI_UNACKED = 6;

    /**
     * linux/filter.h: {code, jump if true, jump if false, operand} of a classic BPF program that sees a segment from its TCP header on:
     * drops what has the SYN flag, passes the rest.
     */
    private static final int[][] DROP_SYN = {
        {0x30, 0, 0, 13}, // load the flags' byte
        {0x45, 0, 1, 2}, // SYN?
        {0x06, 0, 0, 0}, // drop
        {0x06, 0, 0, -1} // pass whole
    };

    private static final int INSTRUCTION_BYTES = 8;

    private static final int EPERM = 1;
    /** linux/in.h */
    private static final int SOL_IP = 0;

    private static final int IP_MINTTL = 21;
    /** linux/in6.h */
    private static final int SOL_IPV6 = 41;

    private static final int IPV6_MINHOPCOUNT = 73;
    /** More hops than anybody who speaks HTTP begins with. */
    private static final int ALL_HOPS = 255;

    /** Hexadecimal digits of 32 bits. */
    private static final int WORD_DIGITS = 8;

    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0};
    private static final int MAPPED_PREFIX_BYTES = 12;

    private ListeningSocket() {}

    /**
     * Makes a listening socket deaf to new handshakes, while those that have begun still complete: so its queue can be emptied before it
     * is closed, and nobody who believes to be connected is cut off. Who asks meanwhile asks again after a second, by TCP's own rules.
     *
     * @throws IOException if the kernel refuses
     */
    public static void refuseHandshakes(int fd) throws IOException {
        try {
            dropHandshakes(fd);
        } catch (NativeException e) {
            if (e.errno() != EPERM) {
                throw e;
            }
            refuseByHopLimit(fd); // some kernels let only CAP_BPF filter
        }
    }

    /**
     * The same without any privilege: who connects would have to be nearer than a packet can be (RFC 5082 has the option for that). A
     * handshake that has begun completes, but what its client sends is dropped too, which the socket inherits: it sees its connection
     * end as if the port had been closed at once.
     */
    static void refuseByHopLimit(int fd) throws NativeException {
        int[] hops = {ALL_HOPS};
        if (LibC.setsockopt(fd, SOL_IP, IP_MINTTL, hops, Integer.BYTES) == -1) {
            throw LibC.failed("setsockopt", fd, "SOL_IP", "IP_MINTTL", ALL_HOPS);
        }
        // A socket of IPv4 alone has no such option, and needs none.
        int unused = LibC.setsockopt(fd, SOL_IPV6, IPV6_MINHOPCOUNT, hops, Integer.BYTES);
    }

    private static void dropHandshakes(int fd) throws NativeException {
        try (Memory program = new Memory((long) DROP_SYN.length * INSTRUCTION_BYTES)) {
            for (int i = 0; i < DROP_SYN.length; i++) {
                long at = (long) i * INSTRUCTION_BYTES;
                program.setShort(at, (short) DROP_SYN[i][0]);
                program.setByte(at + 2, (byte) DROP_SYN[i][1]);
                program.setByte(at + 3, (byte) DROP_SYN[i][2]);
                program.setInt(at + 4, DROP_SYN[i][3]);
            }
            // struct sock_fprog: the number of instructions, padded to a pointer's alignment, and where they are.
            // Little-endian.
            long address = Pointer.nativeValue(program);
            int[] described = {DROP_SYN.length, 0, (int) address, (int) (address >>> Integer.SIZE)};
            if (LibC.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, described, described.length * Integer.BYTES) == -1) {
                throw LibC.failed("setsockopt", fd, "SOL_SOCKET", "SO_ATTACH_FILTER", "drop SYN");
            }
        }
    }

    /**
     * Connections of a listening socket that nobody has accepted yet.
     *
     * @throws IOException if the kernel refuses
     */
    public static int waiting(int fd) throws IOException {
        int[] info = new int[TCPI_UNACKED + 1];
        if (LibC.getsockopt(fd, LibC.IPPROTO_TCP, TCP_INFO, info, new int[] {info.length * Integer.BYTES}) == -1) {
            throw LibC.failed("getsockopt", fd, "IPPROTO_TCP", "TCP_INFO");
        }
        return info[TCPI_UNACKED];
    }

    /**
     * The descriptors of this process that listen on an address and port of TCP. Another socket on the same port of another address is
     * none of them.
     *
     * @param local as the socket itself says it: one that listens on :: is not found by 0.0.0.0
     * @throws IOException if /proc cannot be read
     */
    public static List<Integer> descriptors(InetSocketAddress local) throws IOException {
        return descriptors((address, state) -> state.equals(LISTEN) && isAt(local, address));
    }

    /**
     * The descriptors of this process's connections on a port of its own: all that were accepted there and are open still. Any of them may
     * be closed, and be another file's, before it is used.
     *
     * @param port on which it listens
     * @throws IOException if /proc cannot be read
     */
    public static List<Integer> accepted(int port) throws IOException {
        return descriptors((address, state) -> !state.equals(LISTEN) && port(address) == port);
    }

    private static List<Integer> descriptors(BiPredicate<String, String> addressAndState) throws IOException {
        Set<String> inodes = new HashSet<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            if (Files.exists(Path.of(table))) { // no tcp6 where IPv6 is off
                Files.readAllLines(Path.of(table)).stream()
                        .skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(fields -> addressAndState.test(fields[1], fields[3]))
                        .forEach(fields -> inodes.add("socket:[" + fields[9] + "]"));
            }
        }
        return descriptorsLinkedTo(inodes);
    }

    /**
     * @param entry of the table: the address in hexadecimal, as words of 32 bits in the machine's order (net/ipv4/tcp_ipv4.c,
     *     net/ipv6/tcp_ipv6.c), and the port
     */
    private static boolean isAt(InetSocketAddress local, String entry) {
        return port(entry) == local.getPort()
                && Arrays.equals(
                        unmapped(address(entry.substring(0, entry.indexOf(':')))),
                        unmapped(local.getAddress().getAddress()));
    }

    private static int port(String entry) {
        return Integer.parseInt(entry.substring(entry.indexOf(':') + 1), 16);
    }

    private static byte[] address(String words) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length() / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < words.length(); at += WORD_DIGITS) {
            bytes.putInt(Integer.parseUnsignedInt(words.substring(at, at + WORD_DIGITS), 16));
        }
        return bytes.array();
    }

    /** An address of IPv4 is in the table of IPv6 where the socket is IPv6's, as Java's are (RFC 4291, section 2.5.5.2). */
    private static byte[] unmapped(byte[] address) {
        boolean mapped = address.length == MAPPED.length
                && Arrays.equals(address, 0, MAPPED_PREFIX_BYTES, MAPPED, 0, MAPPED_PREFIX_BYTES);
        return mapped ? Arrays.copyOfRange(address, MAPPED_PREFIX_BYTES, address.length) : address;
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
