package dev.lastref.http.listen;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;

/**
 * To what a socket is bound for an address that a setting names. Java's sockets are IPv6's where the system has it, and bound to 0.0.0.0
 * they take connections of both; nor does XNIO let one choose. So 0.0.0.0 is named as IPv6 names it, ::ffff:0.0.0.0 (RFC 4291, section
 * 2.5.5.2), by which Linux takes those of IPv4 alone.
 */
final class BoundAddress {
    private static final int BYTES = 16;

    private BoundAddress() {}

    /**
     * @param wanted its host is looked up
     * @throws UnknownHostException if it has no address
     */
    static InetSocketAddress of(InetSocketAddress wanted) throws UnknownHostException {
        InetAddress host = InetAddress.getByName(wanted.getHostString());
        return new InetSocketAddress(
                host.isAnyLocalAddress() ? every(host instanceof Inet6Address, isIpv6There()) : host, wanted.getPort());
    }

    /**
     * @param both of IPv4 and IPv6, not of IPv4 alone
     * @param ipv6 whether sockets are IPv6's
     */
    static InetAddress every(boolean both, boolean ipv6) throws UnknownHostException {
        byte[] bytes = new byte[ipv6 ? BYTES : Integer.BYTES];
        if (!ipv6) {
            return Inet4Address.getByAddress(bytes);
        }
        if (!both) {
            bytes[10] = (byte) 0xff;
            bytes[11] = (byte) 0xff;
        }
        // InetAddress.getByAddress would make one of IPv4 of it, and that again one for both.
        return Inet6Address.getByAddress(null, bytes, -1);
    }

    private static boolean isIpv6There() {
        try (ServerSocketChannel unbound = ServerSocketChannel.open(StandardProtocolFamily.INET6)) {
            return unbound.isOpen();
        } catch (UnsupportedOperationException | IOException without) {
            return false;
        }
    }
}
