package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.CacheTags;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Invalidation;
import dev.lastref.cache.semantics.PathRules;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which stored responses somebody wants to be rid of.
 *
 * @param origin scheme and authority that a response must have; null: any
 * @param name what {@link Kind} says
 * @param targets of {@link Kind#URL}, each of which is meant; of others none
 * @param soft whether they stay as stale ones, for those who may be served stale while the origin is asked
 */
public record Purge(Kind kind, @Nullable CacheKey origin, String name, Set<String> targets, boolean soft) {
    private static final Pattern PERCENT = Pattern.compile("%(\\p{XDigit}{0,2})");
    private static final Pattern HOST_AND_PORT = Pattern.compile("([^:/\\[\\]\\s]+|\\[[0-9a-f:.]+\\])(?::(\\d{1,5}))?");
    private static final int LAST_PORT = 65535;

    private Purge(Kind kind, @Nullable CacheKey origin, String name, boolean soft) {
        this(kind, origin, name, kind == Kind.URL ? Set.of(name) : Set.of(), soft);
    }

    /** What is named. */
    public enum Kind {
        /** A target, all its variants. */
        URL,
        /** What a target begins with. */
        PREFIX,
        /** A host, with or without its port. */
        HOST,
        /** A tag, or group, of the response. */
        TAG,
        /** A group of responses of one origin (RFC 9875). */
        GROUP,
        /** Everything. */
        ALL;

        /** The name in the API. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * By URL.
     *
     * @param url {@code http://HOST/TARGET}; or {@code /TARGET}, on every host
     * @throws IllegalArgumentException if it is neither
     */
    public static Purge url(String url, boolean soft) {
        return ofUrl(Kind.URL, url, soft);
    }

    /** By what URLs begin with: {@code http://HOST/…}; or {@code /…}, on every host. */
    public static Purge prefix(String prefix, boolean soft) {
        return ofUrl(Kind.PREFIX, prefix, soft);
    }

    private static Purge ofUrl(Kind kind, String text, boolean soft) {
        String url = withoutFragment(text.strip());
        checkEncoding(kind, url);
        if (url.startsWith("/") && !url.startsWith("//")) {
            return new Purge(kind, null, url, soft);
        }
        String lower = url.toLowerCase(Locale.ROOT);
        if (!lower.matches("(?s)https?://[^/?#].*")) {
            throw new IllegalArgumentException(kind.label() + " is \"" + text
                    + "\": expected http://HOST/PATH or https://HOST/PATH, or /PATH for every host");
        }
        CacheKey key = CacheKey.of("GET", "http", "", url);
        return new Purge(kind, key, key.target(), soft);
    }

    /** A fragment is never sent (RFC 9110, section 7.1). */
    private static String withoutFragment(String url) {
        int hash = url.indexOf('#');
        return hash < 0 ? url : url.substring(0, hash);
    }

    /** What is no percent-encoding (RFC 3986, section 2.1) no target has; a prefix may end within one. */
    private static void checkEncoding(Kind kind, String url) {
        Matcher percent = PERCENT.matcher(url);
        while (percent.find()) {
            String digits = percent.group(1);
            boolean cut = kind == Kind.PREFIX && percent.end() == url.length();
            if (digits.length() < 2 && !cut) {
                throw new IllegalArgumentException(kind.label() + " is \"" + url + "\", where \""
                        + url.substring(percent.start(), Math.min(url.length(), percent.start() + 3))
                        + "\" is no percent-encoding, which no URL that is stored has: expected % and two hexadecimal"
                        + " digits; % itself is %25");
            }
        }
    }

    /**
     * By target.
     *
     * @param origin a key of the same origin; one without an authority: on every host
     */
    public static Purge target(CacheKey origin, String target, boolean soft) {
        return new Purge(Kind.URL, origin.authority().isEmpty() ? null : origin, target, soft);
    }

    /**
     * By host.
     *
     * @param host {@code HOST} for every port, or {@code HOST:PORT}
     */
    public static Purge host(String host, boolean soft) {
        String name = host.strip().toLowerCase(Locale.ROOT);
        Matcher parts = HOST_AND_PORT.matcher(name);
        if (!parts.matches() || (parts.group(2) != null && Integer.parseInt(parts.group(2)) > LAST_PORT)) {
            throw new IllegalArgumentException("host is \"" + host
                    + "\": expected HOST or HOST:PORT, with a port up to 65535 and an address of IPv6 in brackets");
        }
        return new Purge(Kind.HOST, null, name, soft);
    }

    /** By tag. */
    public static Purge tag(String tag, boolean soft) {
        if (tag.isBlank()) {
            throw new IllegalArgumentException(
                    "tag is empty: expected a name from Surrogate-Key, xkey, Cache-Tag or" + " Cache-Groups");
        }
        return new Purge(Kind.TAG, null, tag.strip(), soft);
    }

    /** By group, of the origin that this key has. */
    public static Purge group(CacheKey origin, String group) {
        return new Purge(Kind.GROUP, origin, group, false);
    }

    /** All. */
    public static Purge all(boolean soft) {
        return new Purge(Kind.ALL, null, "", soft);
    }

    /** The same purge, where rules say which parameters of a query count. */
    Purge keyedBy(PathRules paths) {
        return kind == Kind.URL && !paths.isEmpty() ? new Purge(kind, origin, name, paths.targetsOf(name), soft) : this;
    }

    /** Whether the key alone says what is meant: nothing of a response has to be known. */
    boolean isByKey() {
        return kind != Kind.TAG && kind != Kind.GROUP;
    }

    /** Whether a response under this key is meant, or may be once its fields are known. */
    boolean mayMean(CacheKey key) {
        if (origin != null && !Invalidation.isSameOrigin(origin, key)) {
            return false;
        }
        return switch (kind) {
            case URL -> isTarget(key.target());
            case PREFIX -> key.target().startsWith(name);
            case HOST ->
                key.authority().equals(name) || withoutPort(key.authority()).equals(name) || isWithDefaultPort(key);
            case TAG, GROUP, ALL -> true;
        };
    }

    /** Whether this response is meant. */
    boolean means(CacheKey key, FieldList response) {
        return means(key, response, PathRules.NONE);
    }

    /** Whether this response is meant, where rules add tags to its own. */
    boolean means(CacheKey key, FieldList response, PathRules paths) {
        return mayMean(key)
                && switch (kind) {
                    case TAG -> paths.tagsOf(key, response).contains(name);
                    case GROUP -> CacheTags.groups(response).contains(name);
                    default -> true;
                };
    }

    /** Behind a blank, which no target has, a key may say more of its request. */
    private boolean isTarget(String keyed) {
        for (String target : targets) {
            if (keyed.startsWith(target)
                    && (keyed.length() == target.length() || keyed.charAt(target.length()) == ' ')) {
                return true;
            }
        }
        return false;
    }

    /** Keys have no default port. */
    private boolean isWithDefaultPort(CacheKey key) {
        String port = key.scheme().equals("https") ? ":443" : ":80";
        return name.endsWith(port)
                && name.length() == key.authority().length() + port.length()
                && name.startsWith(key.authority());
    }

    private static String withoutPort(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || authority.endsWith("]") ? authority : authority.substring(0, colon);
    }
}
