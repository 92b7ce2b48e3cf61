package dev.lastref.http.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Networks of addresses, as {@code 10.0.0.0/8,::1}. Immutable. */
public final class Networks {
    static final String EXPECTED = "networks apart by commas, such as 127.0.0.0/8,::1,10.1.0.0/16";

    private final List<Network> networks;

    private Networks(List<Network> networks) {
        this.networks = networks;
    }

    /** Addresses whose first {@code bits} bits are these. */
    private static final class Network {
        private final byte[] address;
        private final int bits;

        Network(byte[] address, int bits) {
            this.address = address;
            this.bits = bits;
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (other[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Throws IllegalArgumentException for what is no list of networks. */
    static Networks parse(String text) {
        List<Network> networks = new ArrayList<>();
        Arrays.stream(text.split(",", -1)).map(String::strip).forEach(member -> networks.add(network(member)));
        return new Networks(List.copyOf(networks));
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        // Only what is written in numbers: a name would have to be looked up.
        if (!address.matches("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new IllegalArgumentException(text);
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            int bits = slash < 0 ? 8 * bytes.length : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > 8 * bytes.length) {
                throw new IllegalArgumentException(text);
            }
            return new Network(bytes, bits);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Whether the address is in one of them. */
    public boolean contain(InetAddress address) {
        byte[] bytes = address.getAddress();
        return networks.stream().anyMatch(network -> network.contains(bytes));
    }
}
