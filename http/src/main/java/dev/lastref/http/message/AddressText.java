package dev.lastref.http.message;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An address as it is written for others: in the one form that RFC 5952 has for IPv6, so that what one program writes another one finds.
 * The JDK writes all eight groups, and libraries at hand shorten the first run of zeros where they should shorten the longest.
 */
public final class AddressText {
    private static final int GROUPS = 8;

    private AddressText() {}

    /** Of IPv6 in lower case, without leading zeros, the longest run of zeros as {@code ::}; with its zone, where it has one. */
    public static String of(InetAddress address) {
        return address instanceof Inet6Address six ? shortest(six) : address.getHostAddress();
    }

    /** With the port behind it, and of IPv6 in brackets (section 6). */
    public static String of(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String text = of(host);
        return (host instanceof Inet6Address ? "[" + text + "]" : text) + ":" + address.getPort();
    }

    private static String shortest(Inet6Address address) {
        String all = address.getHostAddress();
        int zone = all.indexOf('%');
        byte[] bytes = address.getAddress();
        int run = longestRun(bytes);
        int behind = run < 0 ? -1 : endOfRun(bytes, run);
        StringBuilder text = new StringBuilder(all.length());
        for (int i = 0; i < GROUPS; i++) {
            if (i == run) {
                text.append("::");
                i = behind - 1;
            } else {
                text.append(i == 0 || i == behind ? "" : ":").append(Integer.toHexString(group(bytes, i)));
            }
        }
        return zone < 0 ? text.toString() : text.append(all, zone, all.length()).toString();
    }

    /** Where the first of the longest runs of zeros begins (section 4.2.3); -1: there is none of two groups (section 4.2.2). */
    private static int longestRun(byte[] bytes) {
        int longest = 1;
        int found = -1;
        for (int i = 0; i < GROUPS; i++) {
            int length = endOfRun(bytes, i) - i;
            if (length > longest) {
                longest = length;
                found = i;
            }
        }
        return found;
    }

    private static int endOfRun(byte[] bytes, int from) {
        int end = from;
        while (end < GROUPS && group(bytes, end) == 0) {
            end++;
        }
        return end;
    }

    private static int group(byte[] bytes, int index) {
        return ((bytes[2 * index] & 0xff) << 8) | (bytes[2 * index + 1] & 0xff);
    }
}
