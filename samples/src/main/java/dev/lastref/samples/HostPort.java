package dev.lastref.samples;

import java.net.InetSocketAddress;
import java.net.URI;

/** {@code HOST:PORT} as users type it, and as the addresses that the samples print. */
public final class HostPort {

    private HostPort() {}

    /**
     * Reads {@code HOST:PORT}; an IPv6 host stands in brackets.
     *
     * @throws IllegalArgumentException if the text is something else, with the text and what was expected
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw notAnAddress(text);
        }
        if (host.isEmpty()) {
            throw notAnAddress(text);
        }
        InetSocketAddress address;
        try {
            address = new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw notAnAddress(text);
        }
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("'" + text + "': the host " + host + " has no address here");
        }
        return address;
    }

    /** As {@link #parse} reads it. */
    public static String format(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** The base URI at which an address is reached from this machine: a wildcard becomes the loopback address. */
    public static URI toUri(InetSocketAddress address) {
        String host = address.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : address.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no address; expected HOST:PORT, for example 127.0.0.1:8080");
    }
}
