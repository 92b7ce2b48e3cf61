package dev.lastref.http.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code lastref.origin}. Of a text that does not fit it says what is wrong with it, and what to write instead. */
final class OriginUrls {
    static final String EXPECTED =
            "an origin's base URL, such as http://127.0.0.1:8081, or several, with commas between them";

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final Pattern BEFORE_PATH = Pattern.compile("[^/?#]+");

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private OriginUrls() {}

    /** One or several, with commas between them; throws an IllegalArgumentException for any other text. */
    static List<URI> bases(String text) {
        // First, and wherever it is: a password may have any character, and what follows shows parts of the text.
        if (text.contains("@")) {
            throw new Unfit("no user and no password in an origin's URL: none would be sent, and what is in it is shown"
                    + " in logs and metrics; the origin gets the Authorization of its clients");
        }
        List<URI> bases = new ArrayList<>();
        for (String member : text.split(",", -1)) {
            URI base = base(member.strip());
            if (bases.contains(base)) {
                throw new Unfit("each origin's base URL once, and " + base + " is there twice");
            }
            bases.add(base);
        }
        return bases;
    }

    private static URI base(String text) {
        checkScheme(text);
        URI uri = URI.create(text);
        if (uri.getHost() == null) {
            throw new IllegalArgumentException(text);
        }
        if (uri.getPort() == 0 || uri.getPort() > 65535) {
            throw new Unfit("an origin's base URL with a port from 1 to 65535, not " + uri.getPort());
        }
        checkEndsBehindHost(uri);
        return normal(uri);
    }

    /** One text for what is one origin: an empty path means /, and a port that is the scheme's is none (RFC 9110, section 4.2.3). */
    private static URI normal(URI uri) {
        int schemes = uri.getScheme().equals("https") ? HTTPS_PORT : HTTP_PORT;
        String port = uri.getPort() == -1 || uri.getPort() == schemes ? "" : ":" + uri.getPort();
        return URI.create(uri.getScheme() + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
    }

    private static void checkScheme(String text) {
        Matcher scheme = SCHEME.matcher(text);
        if (!scheme.matches()) {
            Matcher authority = BEFORE_PATH.matcher(text);
            if (authority.lookingAt() && isHostAndPort(authority.group())) {
                throw new Unfit("an origin's base URL with its scheme: http://" + authority.group() + " or https://"
                        + authority.group());
            }
            throw new IllegalArgumentException(text);
        }
        if (!scheme.group(1).equals("http") && !scheme.group(1).equals("https")) {
            throw new Unfit(
                    "an origin's base URL that begins with http:// or https://, not with " + scheme.group(1) + "://");
        }
    }

    private static boolean isHostAndPort(String text) {
        try {
            return URI.create("http://" + text).getHost() != null;
        } catch (IllegalArgumentException noUrl) {
            return false;
        }
    }

    private static void checkEndsBehindHost(URI uri) {
        List<String> parts = new ArrayList<>();
        if (!(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))) {
            parts.add("a path");
        }
        if (uri.getRawQuery() != null) {
            parts.add("a query");
        }
        if (uri.getRawFragment() != null) {
            parts.add("a fragment");
        }
        if (!parts.isEmpty()) {
            throw new Unfit("an origin's base URL without " + String.join(" and ", parts)
                    + ", as each request is sent with the target that it came with: " + uri.getScheme() + "://"
                    + uri.getRawAuthority());
        }
    }
}
