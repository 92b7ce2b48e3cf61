package dev.lastref.cache.semantics;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields by which a request says who asks, or proves it. RFC 9111, section 3.5, is about Authorization alone; but behind a proxy that
 * authenticates, the application is told by others, and answers by them in the same way. Those that are part of the key are not here.
 */
public final class Credentials {
    private static final Set<String> NAMES = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        NAMES.addAll(List.of(
                "Authorization",
                "Client-Cert", // RFC 9440
                "Client-Cert-Chain",
                "X-SSL-Client-Cert",
                "X-Forwarded-User",
                "X-Forwarded-Email",
                "X-Forwarded-Groups",
                "X-Forwarded-Preferred-Username",
                "X-Forwarded-Access-Token",
                "X-Auth-Request-User",
                "X-Auth-Request-Email",
                "X-Auth-Request-Groups",
                "X-Auth-Request-Preferred-Username",
                "X-Auth-Request-Access-Token",
                "X-WEBAUTH-USER",
                "X-Remote-User",
                "Remote-User",
                "Remote-Groups",
                "Remote-Email",
                "X-Authenticated-User",
                "X-Amzn-Oidc-Data",
                "X-Amzn-Oidc-Identity",
                "X-Amzn-Oidc-Accesstoken",
                "X-Goog-Authenticated-User-Email",
                "X-Goog-Authenticated-User-Id",
                "X-Goog-IAP-JWT-Assertion",
                "Cf-Access-Jwt-Assertion",
                "Cf-Access-Authenticated-User-Email",
                "X-MS-Client-Principal",
                "X-MS-Client-Principal-Id",
                "X-MS-Client-Principal-Name"));
    }

    private Credentials() {}

    /** All of them. */
    public static Set<String> names() {
        return Set.copyOf(NAMES);
    }

    /** Whether a field of this name is one. */
    public static boolean isOne(String name) {
        return NAMES.contains(name);
    }

    /** Whether a request has some: then only what the origin lets everybody share is stored, and answers (RFC 9111, section 3.5). */
    public static boolean areIn(FieldList request) {
        for (int i = 0; i < request.size(); i++) {
            if (NAMES.contains(request.name(i))) {
                return true;
            }
        }
        return false;
    }
}
