package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy says in front of a connection about the client behind it: the PROXY protocol, versions 1 and 2 (HAProxy's
 * doc/proxy-protocol.txt). It is asked how many more bytes to read, so nothing behind the header is ever read with it. For one thread.
 */
public final class ProxyHeader {
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    private static final byte[] WORD = "PROXY ".getBytes(US_ASCII);
    /** The shortest header there is: "PROXY UNKNOWN", and the end of its line. */
    private static final int SHORTEST = 15;

    private static final int LONGEST_LINE = 107;
    /** From 0 to 255: of a larger number, or one with zeros in front, the JDK would ask the resolver. */
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

    private static final int FIXED = 16;
    /** Room for what follows the addresses (TLV), which is not read. */
    public static final int LONGEST = FIXED + 2048;

    private static final int LOCAL = 0x20;
    private static final int PROXIED = 0x21;
    private static final int OVER_IPV4 = 0x11;
    private static final int OVER_IPV6 = 0x21;
    /** AF_UNIX: the last of the families. */
    private static final int LAST_FAMILY = 3;
    /** DGRAM: the last of the transports. */
    private static final int LAST_TRANSPORT = 2;

    private @Nullable InetSocketAddress client;
    private @Nullable String fault;

    /**
     * Looks at the bytes so far, from the buffer's start to its position.
     *
     * @return how many more belong to the header at least; 0: it is complete, or {@linkplain #fault() wrong}
     */
    public int needed(ByteBuffer soFar) {
        int length = soFar.position();
        if (length < SHORTEST) {
            return SHORTEST - length;
        }
        if (startsWith(soFar, SIGNATURE)) {
            return neededOfVersion2(soFar, length);
        }
        if (!startsWith(soFar, WORD)) {
            return wrong("no PROXY header");
        }
        if (soFar.get(length - 1) != '\n') {
            return length < LONGEST_LINE ? 1 : wrong("a line that does not end");
        }
        return line(soFar, length);
    }

    private static boolean startsWith(ByteBuffer bytes, byte[] start) {
        for (int i = 0; i < start.length; i++) {
            if (bytes.get(i) != start[i]) {
                return false;
            }
        }
        return true;
    }

    private int line(ByteBuffer bytes, int length) {
        byte[] line = new byte[length];
        bytes.get(0, line);
        if (line[length - 2] != '\r') {
            return wrong("a line that does not end with CR LF");
        }
        String[] words = new String(line, 0, length - 2, US_ASCII).split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return 0;
        }
        boolean ipv6 = words[1].equals("TCP6");
        if (words.length != 6 || !(ipv6 || words[1].equals("TCP4"))) {
            return wrong("not TCP4 or TCP6 with two addresses and two ports");
        }
        InetAddress source = literal(words[2], ipv6);
        int port = port(words[4]);
        if (source == null || literal(words[3], ipv6) == null || port < 0 || port(words[5]) < 0) {
            return wrong("an address or a port that is none");
        }
        client = new InetSocketAddress(source, port);
        return 0;
    }

    /** Null: none. A name is never looked up. Zeros in front of a number are not allowed (section 2.1): to some it is octal then. */
    private static @Nullable InetAddress literal(String text, boolean ipv6) {
        try {
            return (ipv6 ? IPV6 : IPV4).matcher(text).matches() ? InetAddress.getByName(text) : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static int port(String text) {
        if (!PORT.matcher(text).matches()) {
            return -1;
        }
        int port = Integer.parseInt(text);
        return port > 0xffff ? -1 : port;
    }

    private int neededOfVersion2(ByteBuffer bytes, int length) {
        if (length < FIXED) {
            return FIXED - length;
        }
        int command = bytes.get(12) & 0xff;
        int family = bytes.get(13) & 0xff;
        int rest = bytes.getShort(14) & 0xffff;
        if (command != LOCAL && command != PROXIED) {
            return wrong("a version or a command that is not known");
        }
        if (FIXED + rest > LONGEST) {
            return wrong("a header of " + (FIXED + rest) + " bytes");
        }
        if (length < FIXED + rest) {
            return FIXED + rest - length;
        }
        if (command == LOCAL) {
            return 0;
        }
        if (family >> 4 > LAST_FAMILY || (family & 0x0f) > LAST_TRANSPORT) {
            return wrong("an address family or a transport that is not known"); // section 2.2: "must be rejected"
        }
        int each = family == OVER_IPV4 ? 4 : family == OVER_IPV6 ? 16 : 0;
        if (each == 0) {
            return 0; // "the receiver should ignore the address": of a kind that is none of ours
        }
        if (rest < 2 * each + 4) {
            return wrong("addresses that are cut short");
        }
        byte[] source = new byte[each];
        bytes.get(FIXED, source);
        try {
            client = new InetSocketAddress(InetAddress.getByAddress(source), bytes.getShort(FIXED + 2 * each) & 0xffff);
        } catch (UnknownHostException e) { // of a length that is always right
            return wrong(Arrays.toString(source));
        }
        return 0;
    }

    private int wrong(String what) {
        fault = what;
        return 0;
    }

    /** The client, once complete; null: the proxy speaks for itself, or does not say. */
    public @Nullable InetSocketAddress client() {
        return client;
    }

    /** What is wrong; null if nothing is. */
    public @Nullable String fault() {
        return fault;
    }
}
