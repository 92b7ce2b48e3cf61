package dev.lastref.cache.semantics;

import java.util.HashSet;
import java.util.Set;

/**
 * The fields of one message that end at this hop: not forwarded, not stored (RFC 9110, section 7.6.1; RFC 9111, section
 * 3.1).
 *
 * <p>These are Connection and what it nominates, the fields that are about one connection by definition, and the Proxy-
 * fields: a client's credentials for a proxy are not for the origin, and an origin is no proxy that could challenge.
 *
 * <p>A nomination of a field that is meant for every recipient, which the RFC forbids to the sender, has no effect here, and the
 * field stays. To obey would let a client take the Authorization, the X-Forwarded-For or the Host out of a request that others
 * have checked already, or make the cache store under one key what the origin answered to another request; so a request that
 * {@linkplain #misuses does it} is to be refused. {@link #PROTECTED} lists them; a field that is in neither list, like one that an
 * application invented, goes when it is nominated.
 *
 * <p>Immutable.
 */
public final class HopByHop {
    private static final Set<String> ALWAYS = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-authentication-info");

    /** Names in lower case that Connection cannot nominate. */
    static final Set<String> PROTECTED = Set.of(
            // routing and framing
            "host",
            "content-length",
            "content-range",
            "range",
            "expect",
            // what the message contains
            "content-type",
            "content-encoding",
            "content-language",
            "content-location",
            "content-disposition",
            "etag",
            "last-modified",
            "location",
            "retry-after",
            "allow",
            // what selects a response
            "accept",
            "accept-encoding",
            "accept-language",
            "accept-ranges",
            "origin",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "if-range",
            // what a cache goes by
            "cache-control",
            "cdn-cache-control",
            "surrogate-control",
            "surrogate-key",
            "cache-tag",
            "cache-status",
            "pragma",
            "expires",
            "date",
            "age",
            "vary",
            // who is asking, and by which way
            "authorization",
            "www-authenticate",
            "authentication-info",
            "cookie",
            "set-cookie",
            "via",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-port",
            "x-real-ip",
            "max-forwards",
            // what a browser is told to enforce
            "strict-transport-security",
            "content-security-policy",
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "clear-site-data",
            "x-content-type-options",
            "x-frame-options");

    private static final HopByHop DEFAULT = new HopByHop(ALWAYS);

    /** More are looked up: a peer chooses how many. */
    private static final int FEW = 16;

    private final Set<String> names;
    private final String[] listed;

    private HopByHop(Set<String> names) {
        this.names = names;
        this.listed = names.toArray(new String[0]);
    }

    /** Names, in lower case, of the fields that end at any hop, whether Connection nominates them or not. */
    public static Set<String> always() {
        return ALWAYS;
    }

    /** Of a request or a response. */
    public static HopByHop of(FieldList message) {
        Set<String> names = null;
        for (String option : Members.of(message, "Connection")) {
            String name = Ascii.lower(option);
            if (Ascii.isToken(name) && !ALWAYS.contains(name) && !PROTECTED.contains(name)) {
                names = names == null ? new HashSet<>(ALWAYS) : names;
                names.add(name);
            }
        }
        return names == null ? DEFAULT : new HopByHop(Set.copyOf(names));
    }

    /** Whether Connection nominates a field that is there and meant for every recipient. */
    public static boolean misuses(FieldList message) {
        for (String option : Members.of(message, "Connection")) {
            if (PROTECTED.contains(Ascii.lower(option)) && message.contains(option)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a field of that name, in any case, ends here. */
    public boolean drops(String name) {
        if (listed.length > FEW) {
            return names.contains(Ascii.lower(name));
        }
        for (String ends : listed) { // mostly of another length: cheaper than to put the name into lower case
            if (Ascii.equalsIgnoreCase(ends, name)) {
                return true;
            }
        }
        return false;
    }

    /** The names that end here, in lower case; connection options that name no field, like close, are among them. */
    public Set<String> names() {
        return names;
    }

    /** The lines of a message that go on, for others to be added. */
    public FieldList.Builder kept(FieldList message) {
        FieldList.Builder kept = FieldList.builder();
        message.forEach((name, value) -> {
            if (!drops(name)) {
                kept.add(name, value);
            }
        });
        return kept;
    }

    /** The lines of a message that go on. */
    public FieldList strip(FieldList message) {
        return kept(message).build();
    }
}
