package dev.lastref.http.message;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who asks, by the word of those proxies that are trusted. */
public final class ClientAddress {
    private static final Pattern FOR = Pattern.compile("(?i)(?:^|[;\\s])for=(?:\"([^\"]*)\"|([^;\"\\s]*))");

    private ClientAddress() {}

    /**
     * The last one that is no trusted proxy's.
     *
     * @param peer who has sent the request
     * @param trusted proxies, each of which has added the address of who has sent it the request
     * @param forwardedFor these addresses, the last one added at the end; null: none
     * @return null: only proxies are known; what stands before a word that is no address is anybody's
     */
    public static @Nullable InetAddress of(InetAddress peer, Networks trusted, @Nullable String forwardedFor) {
        InetAddress farthest = farthest(peer, trusted, forwardedFor);
        return farthest == null || trusted.contains(farthest) ? null : farthest;
    }

    /**
     * The last one that is no trusted proxy's, or, where all are proxies', the first of these: a proxy may ask for itself.
     *
     * @param peer who has sent the request
     * @param trusted proxies, each of which has added the address of who has sent it the request
     * @param forwardedFor these addresses, the last one added at the end; null: none
     * @return null: what stands there is no address
     */
    public static @Nullable InetAddress farthest(InetAddress peer, Networks trusted, @Nullable String forwardedFor) {
        InetAddress named = peer;
        int end = forwardedFor == null ? 0 : forwardedFor.length();
        while (forwardedFor != null && end > 0 && trusted.contains(named)) {
            int comma = forwardedFor.lastIndexOf(',', end - 1);
            named = ForwardedAddress.of(forwardedFor.substring(comma + 1, end));
            if (named == null) {
                return null;
            }
            end = comma;
        }
        return named;
    }

    /** What {@code Forwarded} (RFC 7239, section 5.2) says of the clients, as {@code X-Forwarded-For} would have it. */
    public static String inForwarded(String elements) {
        StringBuilder all = new StringBuilder();
        for (String element : elements.split(",", -1)) {
            Matcher client = FOR.matcher(element);
            String named = !client.find() ? "" : client.group(1) != null ? client.group(1) : client.group(2);
            if (!named.isEmpty() && client.find()) {
                named = ""; // a parameter occurs once (RFC 7239, section 4): of two nobody knows which is meant
            }
            all.append(all.length() == 0 ? "" : ",").append(named.isEmpty() ? "unknown" : named);
        }
        return all.toString();
    }
}
