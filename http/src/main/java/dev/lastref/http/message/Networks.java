package dev.lastref.http.message;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Networks of addresses: of those whose word counts about who asks (X-Forwarded-For and its like), of those who may purge.
 */
public record Networks(List<Network> networks) {
    /**
     * Addresses that begin alike.
     *
     * @param bits how many bits of the address count
     */
    public record Network(InetAddress address, int bits) {
        boolean contains(byte[] other) {
            byte[] mine = address.getAddress();
            if (mine.length != other.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((mine[bit >> 3] & mask) != (other[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final Comparator<Network> ORDER = Comparator.comparing(
                    (Network network) -> network.address().getAddress(), Arrays::compareUnsigned)
            .thenComparingInt(Network::bits);

    /**
     * Reads {@code 127.0.0.0/8,::1}, or {@code none}. Two texts that name the same ones are equal then: their order does not count, nor what
     * an address has behind the bits that do.
     *
     * @throws IllegalArgumentException if it is no list of networks
     */
    public static Networks of(String text) {
        List<Network> networks = new ArrayList<>();
        if (!text.strip().equals("none")) {
            for (String member : text.split(",", -1)) {
                networks.add(network(member.strip()));
            }
        }
        return new Networks(networks.stream().distinct().sorted(ORDER).toList());
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        if (!host.matches("[0-9a-fA-F:.]+") || !(host.contains(":") || host.matches("\\d+(\\.\\d+){3}"))) {
            throw new IllegalArgumentException(text); // a name would be looked up
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            int most = address.getAddress().length * 8;
            int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > most) {
                throw new IllegalArgumentException(text);
            }
            return new Network(masked(address, bits), bits);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static InetAddress masked(InetAddress address, int bits) throws UnknownHostException {
        byte[] bytes = address.getAddress();
        for (int bit = bits; bit < bytes.length * 8; bit++) {
            bytes[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
        }
        return InetAddress.getByAddress(bytes);
    }

    /** Whether an address is in one of them. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < networks.size(); i++) {
            if (networks.get(i).contains(bytes)) {
                return true;
            }
        }
        return false;
    }
}
