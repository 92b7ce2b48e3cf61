package dev.lastref.http.message;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** A member of {@code X-Forwarded-For}: an address, as some proxies write it with a port, and of IPv6 in brackets. */
final class ForwardedAddress {
    private static final int LONGEST = 60;

    private ForwardedAddress() {}

    /** The address; null: it is none, and no name is looked up. */
    static @Nullable InetAddress of(String member) {
        String text = member.strip();
        if (text.length() > LONGEST) {
            return null;
        }
        int bracket = text.indexOf(']');
        if (text.startsWith("[") && bracket > 0) {
            text = text.substring(1, bracket);
        } else if (text.indexOf('.') > 0 && text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            text = text.substring(0, text.indexOf(':'));
        }
        boolean literal = text.indexOf(':') >= 0
                ? text.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')
                : text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
        try {
            return literal ? InetAddress.getByName(text) : null;
        } catch (UnknownHostException noAddress) {
            return null;
        }
    }
}
