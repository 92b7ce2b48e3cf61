package dev.lastref.http.config;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Environment variables that begin like settings and are none: the launcher's, the tests', and what Kubernetes sets. */
final class ForeignVariables {
    private static final Set<String> OURS = Set.of("LASTREF_JAR", "LASTREF_JAVA_OPTS", "LASTREF_REQUIRE_PEERS");

    /** A service's address, as Kubernetes names it; the service may be lastref, lastref-metrics or lastref-anything. */
    private static final Pattern SERVICE = Pattern.compile("LASTREF_(.*_)?SERVICE_(HOST|PORT(_.+)?)");

    /** The same, as Docker's links named it. */
    private static final Pattern LINK =
            Pattern.compile("LASTREF_(.*_)?PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?");

    private static final Pattern LINKED = Pattern.compile("(tcp|udp|sctp)://.*");

    private static final Pattern HOST = Pattern.compile("(LASTREF_RULES_(?:.*_)?)SERVICE_HOST");

    private ForeignVariables() {}

    /** Whether it is the host of a service that is called lastref-rules, or lastref-rules-anything: its port is told beside it. */
    static boolean isHostOfService(String name, Map<String, String> environment) {
        Matcher host = HOST.matcher(name);
        return host.matches() && environment.containsKey(host.group(1) + "SERVICE_PORT");
    }

    /** Whether it is one of those, once it is known to be no setting's. */
    static boolean contain(String name, String value) {
        if (OURS.contains(name) || SERVICE.matcher(name).matches() || name.startsWith("LASTREF_PORT")) {
            return true;
        }
        // LASTREF_ADMIN_PORT=9090 is somebody's mistake; tcp://10.0.0.1:80 is Kubernetes' word.
        return LINK.matcher(name).matches()
                && (!name.endsWith("_PORT")
                        || name.matches(".*_\\d+_(TCP|UDP|SCTP)_PORT")
                        || LINKED.matcher(value).matches());
    }
}
