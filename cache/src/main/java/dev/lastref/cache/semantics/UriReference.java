package dev.lastref.cache.semantics;

import org.jspecify.annotations.Nullable;

/**
 * Resolves what Location and Content-Location say against the URI that was asked for (RFC 3986, section 5.2). Whatever an origin
 * sends is read: what is no URI becomes a target that nothing is stored under.
 */
final class UriReference {
    private UriReference() {}

    /** The key of what is referred to; null if that is no {@code http} or {@code https} URI. */
    static @Nullable CacheKey resolve(CacheKey base, String reference) {
        String text = withoutFragment(Ascii.trim(reference));
        int colon = schemeEnd(text);
        if (colon >= 0) {
            String scheme = Ascii.lower(text.substring(0, colon));
            boolean known = scheme.equals("http") || scheme.equals("https");
            return known && text.startsWith("//", colon + 1) ? absolute(scheme, text, colon + 3) : null;
        }
        if (text.startsWith("//")) {
            return absolute(base.scheme(), text, 2);
        }
        return CacheKey.of("GET", base.scheme(), base.authority(), target(base.target(), text));
    }

    private static String withoutFragment(String text) {
        int hash = text.indexOf('#');
        return hash < 0 ? text : text.substring(0, hash);
    }

    /** Where the scheme ends; -1 if the reference has none. */
    private static int schemeEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean schemeCharacter = Ascii.isAlpha(c) || (i > 0 && (Ascii.isDigit(c) || "+-.".indexOf(c) >= 0));
            if (c == ':' && i > 0) {
                return i;
            }
            if (!schemeCharacter) {
                return -1;
            }
        }
        return -1;
    }

    private static CacheKey absolute(String scheme, String text, int authority) {
        int end = authority;
        while (end < text.length() && text.charAt(end) != '/' && text.charAt(end) != '?') {
            end++;
        }
        return CacheKey.of("GET", scheme, text.substring(authority, end), pathWithoutDots(text.substring(end)));
    }

    private static String target(String base, String reference) {
        String basePath = path(base);
        if (reference.isEmpty()) {
            return base;
        }
        if (reference.charAt(0) == '?') {
            return basePath + reference;
        }
        return pathWithoutDots(
                reference.charAt(0) == '/'
                        ? reference
                        : basePath.substring(0, basePath.lastIndexOf('/') + 1) + reference);
    }

    private static String path(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** Section 5.2.4, of the part before the query. */
    private static String pathWithoutDots(String target) {
        String path = path(target);
        if (!path.contains("/.")) {
            return target;
        }
        StringBuilder out = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int next = path.indexOf('/', at + 1);
            int end = next < 0 ? path.length() : next;
            String segment = path.substring(at, end);
            boolean last = next < 0;
            if (segment.equals("/..")) {
                out.setLength(Math.max(0, out.lastIndexOf("/")));
            } else if (!segment.equals("/.")) {
                out.append(segment);
            }
            if (last && (segment.equals("/..") || segment.equals("/."))) {
                out.append('/');
            }
            at = end;
        }
        return out + target.substring(path.length());
    }
}
