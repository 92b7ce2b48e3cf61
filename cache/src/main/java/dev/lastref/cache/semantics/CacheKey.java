package dev.lastref.cache.semantics;

import java.util.function.UnaryOperator;

/**
 * Names a stored response: method and target URI (RFC 9111, section 2), and the variant that Vary selects (section 4.1).
 *
 * <p>Two keys are equal only where RFC 9110, section 4.2.3, says that their URIs are: the case of scheme and host, a
 * default port, an empty path. Nothing else is normalised, no percent-encoding and no dot segment, since origins tell
 * them apart. A key without a variant is the {@linkplain #primary() primary} key of a resource.
 *
 * <p>Immutable; the hash is computed once, under a secret of this process, since clients choose what is hashed.
 */
public final class CacheKey {
    private static final SeededHash HASH = SeededHash.secret();
    private static final int FIELDS = 5 * HeapSize.REFERENCE + Integer.BYTES;

    private final String method;
    private final String scheme;
    private final String authority;
    private final String target;
    private final String variant;
    private final int hash;

    private CacheKey(String method, String scheme, String authority, String target, String variant) {
        this.method = method;
        this.scheme = scheme;
        this.authority = authority;
        this.target = target;
        this.variant = variant;
        long h = HASH.add(HASH.start(), method);
        h = HASH.add(h, scheme);
        h = HASH.add(h, authority);
        h = HASH.add(h, target);
        this.hash = SeededHash.toInt(HASH.add(h, variant));
    }

    /**
     * The primary key of a request.
     *
     * @param method as sent; HEAD becomes GET, whose stored response answers it
     * @param scheme that the request came with
     * @param authority the Host field, or {@code :authority}
     * @param target the request target as sent; if it is in absolute form, its scheme and authority replace the ones
     *     given (RFC 9112, section 3.2.2)
     */
    public static CacheKey of(String method, String scheme, String authority, String target) {
        String uriScheme = scheme;
        String uriAuthority = authority;
        String path = target;
        int schemeEnd = schemeEnd(target);
        if (schemeEnd > 0) {
            int authorityEnd = authorityEnd(target, schemeEnd + 3);
            uriScheme = target.substring(0, schemeEnd);
            uriAuthority = target.substring(schemeEnd + 3, authorityEnd);
            path = target.substring(authorityEnd);
        }
        String canonicalScheme = canonicalScheme(uriScheme);
        return new CacheKey(
                method.equals("GET") || method.equals("HEAD") ? "GET" : method,
                canonicalScheme,
                canonicalAuthority(Ascii.trim(uriAuthority), canonicalScheme),
                withPath(path),
                "");
    }

    /** Where {@code ://} begins in a target of absolute form, or -1. */
    private static int schemeEnd(String target) {
        int colon = target.indexOf("://");
        if (colon <= 0 || !Ascii.isAlpha(target.charAt(0))) {
            return -1;
        }
        for (int i = 1; i < colon; i++) {
            char c = target.charAt(i);
            if (!Ascii.isAlpha(c) && !Ascii.isDigit(c) && "+-.".indexOf(c) < 0) {
                return -1;
            }
        }
        return colon;
    }

    private static int authorityEnd(String target, int from) {
        int i = from;
        while (i < target.length() && "/?#".indexOf(target.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    private static String withPath(String path) {
        return path.isEmpty() || path.charAt(0) == '?' || path.charAt(0) == '#' ? "/" + path : path;
    }

    /** The two common ones are constants, which keys share. */
    private static String canonicalScheme(String scheme) {
        String lower = Ascii.lower(scheme);
        return switch (lower) {
            case "http" -> "http";
            case "https" -> "https";
            default -> lower;
        };
    }

    /**
     * A host and its port, if it has one, as all that are the same are written: in lower case, without a default port.
     *
     * @param scheme in lower case
     */
    public static String canonicalAuthority(String authority, String scheme) {
        int host = authority.lastIndexOf('@') + 1;
        int port = authority.length();
        while (port > host && Ascii.isDigit(authority.charAt(port - 1))) {
            port--;
        }
        int end = authority.length();
        if (port > host && authority.charAt(port - 1) == ':' && isDefault(authority.substring(port), scheme)) {
            end = port - 1;
        }
        return authority.substring(0, host) + Ascii.lower(authority.substring(host, end));
    }

    /** An empty port is the default one too (RFC 3986, section 6.2.3). */
    private static boolean isDefault(String port, String scheme) {
        return port.isEmpty()
                || (port.equals("80") && scheme.equals("http"))
                || (port.equals("443") && scheme.equals("https"));
    }

    /** The same resource, in the representation that {@link VaryRule#variantOf} named. */
    public CacheKey withVariant(String newVariant) {
        return newVariant.equals(variant) ? this : new CacheKey(method, scheme, authority, target, newVariant);
    }

    /**
     * The primary key of another resource of the same method, scheme and host, whose reading is spared.
     *
     * @param newTarget in origin form, which begins with a slash; any other throws
     */
    public CacheKey withTarget(String newTarget) {
        if (newTarget.isEmpty() || newTarget.charAt(0) != '/') {
            throw new IllegalArgumentException("not a target in origin form: \"" + newTarget + '"');
        }
        return new CacheKey(method, scheme, authority, newTarget, "");
    }

    /** The same key; its authority, which many keys have, is the equal one that the function knows. */
    public CacheKey sharing(UnaryOperator<String> known) {
        return new CacheKey(method, scheme, known.apply(authority), target, variant);
    }

    /**
     * The primary key of the URI alone: without a variant, and without what is behind a blank in the target, which no target has.
     */
    public CacheKey uri() {
        int blank = target.indexOf(' ');
        return blank < 0 ? primary() : new CacheKey(method, scheme, authority, target.substring(0, blank), "");
    }

    /** Whether this one {@linkplain #uri names} that URI, perhaps with more. */
    public boolean isOf(CacheKey uri) {
        int length = uri.target.length();
        return target.startsWith(uri.target)
                && (target.length() == length || target.charAt(length) == ' ')
                && authority.equals(uri.authority)
                && scheme.equals(uri.scheme)
                && method.equals(uri.method);
    }

    /** This key without its variant. */
    public CacheKey primary() {
        return withVariant("");
    }

    public String method() {
        return method;
    }

    /** In lower case. */
    public String scheme() {
        return scheme;
    }

    /** The host in lower case, the port only where it is not the scheme's own. */
    public String authority() {
        return authority;
    }

    /** Path and query exactly as sent, {@code /} in front if the path was empty. */
    public String target() {
        return target;
    }

    /** Empty where the resource does not vary. */
    public String variant() {
        return variant;
    }

    /**
     * About how many bytes of heap this key holds. A key and its variants share the strings of the URI; each counts them
     * as its own. Method and scheme are constants and count nothing.
     */
    public long heapBytes() {
        return heapBytesBesideAuthority() + HeapSize.ofString(authority);
    }

    /** The same of a key whose authority is {@linkplain #sharing shared} with others of its host. */
    public long heapBytesBesideAuthority() {
        return HeapSize.align(HeapSize.OBJECT_HEADER + FIELDS)
                + HeapSize.ofString(target)
                + (variant.isEmpty() ? 0 : HeapSize.ofString(variant));
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof CacheKey that
                        && hash == that.hash
                        && target.equals(that.target)
                        && variant.equals(that.variant)
                        && authority.equals(that.authority)
                        && scheme.equals(that.scheme)
                        && method.equals(that.method));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@code GET https://host/path?query}, and the variant in brackets. */
    @Override
    public String toString() {
        String uri = method + " " + scheme + "://" + authority + target;
        return variant.isEmpty() ? uri : uri + " [" + variant + "]";
    }
}
