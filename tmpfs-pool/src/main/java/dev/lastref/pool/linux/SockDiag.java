package dev.lastref.pool.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * {@link TcpSockets} through a netlink socket (sock_diag(7)): one lookup in the kernel's hash table a question, never a dump, some
 * microseconds each. The answer is there when the question has been sent.
 *
 * <pre>
 *  request   0 nlmsghdr (16)   16 inet_diag_req_v2: family, protocol, extensions, pad, states (8)   24 inet_diag_sockid (48)
 *  answer    0 nlmsghdr (16)   16 inet_diag_msg: family, state, timer, retrans (4)   20 inet_diag_sockid (48)
 *           68 expires, rqueue, wqueue, uid, inode (4 each)   88 attributes, of which one is tcp_info
 *  a sockid  0 local port   2 remote port   4 local address (16)   20 remote address (16)   36 interface   40 cookie (8)
 * </pre>
 *
 * Ports and addresses are in network order, all else in the machine's. A socket that speaks IPv4 through IPv6, as the JDK's do, is
 * found by its IPv4 addresses (linux/inet_diag.h, net/ipv4/inet_diag.c, linux/tcp.h).
 */
public final class SockDiag implements TcpSockets {
    static final int NETLINK_SOCK_DIAG = 4;

    private static final short SOCK_DIAG_BY_FAMILY = 20;
    private static final short NLMSG_ERROR = 2;
    private static final short NLM_F_REQUEST = 1;
    private static final int INET_DIAG_INFO = 2;
    private static final long NO_COOKIE = -1;

    private static final int HEADER = 16;
    private static final int REQUEST = HEADER + 8 + 48;
    private static final int ANSWER = HEADER + 72;
    private static final int SOCKID_ANSWERED = HEADER + 4;
    private static final int COOKIE = 40;
    private static final int RQUEUE = HEADER + 56;
    private static final int WQUEUE = HEADER + 60;
    /** struct tcp_info. */
    private static final int BYTES_ACKED = 120;

    private static final int BYTES_RECEIVED = 128;
    private static final int NOTSENT_BYTES = 144;

    private final int fd;
    private final ByteBuffer request = ByteBuffer.allocateDirect(REQUEST).order(ByteOrder.nativeOrder());
    /** An answer with all that the kernel adds unasked is below 1 KiB. */
    private final ByteBuffer answer = ByteBuffer.allocateDirect(8192).order(ByteOrder.nativeOrder());

    private int sequence;
    private boolean closed;

    private SockDiag(int fd) {
        this.fd = fd;
    }

    /**
     * Opens it, and sees that it works.
     *
     * @throws IOException where netlink is denied, or this kernel has no tcp_diag
     */
    static SockDiag open(int netlinkProtocol) throws IOException {
        int fd = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, netlinkProtocol);
        if (fd == -1) {
            throw LibC.failed("socket", "AF_NETLINK", "SOCK_RAW|SOCK_CLOEXEC", netlinkProtocol);
        }
        SockDiag opened = new SockDiag(fd);
        try {
            opened.findOneOfOurs();
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Without tcp_diag the kernel answers as if there were no such socket, so it is asked for one that there is. */
    private void findOneOfOurs() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket listener = new ServerSocket(0, 1, loopback)) {
            InetSocketAddress here = new InetSocketAddress(loopback, listener.getLocalPort());
            TcpSocketInfo found = ask(here, new InetSocketAddress(loopback, 1));
            if (found == null || found.state() != TcpState.LISTEN) {
                throw new IOException("sock_diag does not know our own socket that listens on " + here);
            }
        }
    }

    @Override
    public @Nullable TcpSocketInfo find(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        TcpSocketInfo found = ask(local, remote);
        // Where there is no such connection the kernel answers with the socket that would accept it.
        return found == null || found.state() == TcpState.LISTEN ? null : found;
    }

    private @Nullable TcpSocketInfo ask(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        write(local, remote);
        while (LibC.send(fd, request, REQUEST, 0) == -1) {
            if (Native.getLastError() != LibC.EINTR) {
                throw LibC.failed("send", fd, "SOCK_DIAG_BY_FAMILY", local, remote);
            }
        }
        while (true) {
            int length = receive();
            if (answer.getInt(8) == sequence) { // else it answers a question that was given up
                return read(length, local, remote);
            }
        }
    }

    private void write(InetSocketAddress local, InetSocketAddress remote) {
        boolean v6 = family(local) == LibC.AF_INET6;
        if (family(local) != family(remote)) {
            throw new IllegalArgumentException("no connection has the addresses " + local + " and " + remote);
        }
        sequence++;
        request.clear();
        request.putInt(REQUEST).putShort(SOCK_DIAG_BY_FAMILY).putShort(NLM_F_REQUEST);
        request.putInt(sequence).putInt(0);
        request.put((byte) family(local)).put((byte) LibC.IPPROTO_TCP);
        request.put((byte) (1 << (INET_DIAG_INFO - 1))).put((byte) 0);
        request.putInt(-1); // in any state
        request.order(ByteOrder.BIG_ENDIAN);
        request.putShort((short) local.getPort()).putShort((short) remote.getPort());
        put(local.getAddress());
        put(remote.getAddress());
        request.order(ByteOrder.nativeOrder());
        request.putInt(v6 ? interfaceOf((Inet6Address) local.getAddress()) : 0);
        request.putLong(NO_COOKIE).flip();
    }

    private void put(InetAddress address) {
        int end = request.position() + 16;
        request.put(address.getAddress());
        while (request.position() < end) {
            request.putInt(0);
        }
    }

    private static int family(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("not an address but a name: " + address);
        }
        return address.getAddress() instanceof Inet4Address ? LibC.AF_INET : LibC.AF_INET6;
    }

    /** Connections of link-local addresses belong to an interface. */
    private static int interfaceOf(Inet6Address address) {
        return address.isLinkLocalAddress() ? address.getScopeId() : 0;
    }

    private int receive() throws IOException {
        long length;
        do {
            // The kernel has answered before send() returned; should it not have, waiting would be for ever.
            length = LibC.recv(fd, answer, answer.capacity(), LibC.MSG_DONTWAIT);
        } while (length == -1 && Native.getLastError() == LibC.EINTR);
        if (length == -1) {
            throw LibC.failed("recv", fd, answer.capacity(), "MSG_DONTWAIT");
        }
        if (length < HEADER + Integer.BYTES) {
            throw new IOException("an answer of " + length + " bytes from sock_diag");
        }
        return (int) length;
    }

    private @Nullable TcpSocketInfo read(int length, InetSocketAddress local, InetSocketAddress remote)
            throws IOException {
        if (answer.getShort(4) == NLMSG_ERROR) {
            int errno = -answer.getInt(HEADER);
            if (errno == LibC.ENOENT) {
                return null;
            }
            throw new NativeException("SOCK_DIAG_BY_FAMILY", new Object[] {local, remote}, errno, LibC.strerror(errno));
        }
        if (length < ANSWER) {
            throw new IOException("an answer of " + length + " bytes from sock_diag about " + local + ", " + remote);
        }
        int info = find(INET_DIAG_INFO, length);
        int infoLength = info == -1 ? 0 : attributeLength(info - 4) - 4;
        return TcpSocketInfo.of(
                TcpState.of(answer.get(HEADER + 1)),
                answer.getLong(SOCKID_ANSWERED + COOKIE),
                Integer.toUnsignedLong(answer.getInt(RQUEUE)),
                Integer.toUnsignedLong(answer.getInt(WQUEUE)),
                infoLength < BYTES_ACKED + 8 ? TcpSocketInfo.UNKNOWN : answer.getLong(info + BYTES_ACKED),
                infoLength < BYTES_RECEIVED + 8 ? TcpSocketInfo.UNKNOWN : answer.getLong(info + BYTES_RECEIVED),
                infoLength < NOTSENT_BYTES + 4
                        ? TcpSocketInfo.UNKNOWN
                        : Integer.toUnsignedLong(answer.getInt(info + NOTSENT_BYTES)));
    }

    /** Where the content of an attribute begins; -1: it is not there, as in TIME-WAIT. */
    private int find(int attribute, int length) {
        int at = ANSWER;
        while (at + 4 <= length && attributeLength(at) >= 4) {
            if (answer.getShort(at + 2) == attribute && at + attributeLength(at) <= length) {
                return at + 4;
            }
            at += (attributeLength(at) + 3) & -4;
        }
        return -1;
    }

    private int attributeLength(int at) {
        return Short.toUnsignedInt(answer.getShort(at));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LibC.close(fd);
        }
    }
}
