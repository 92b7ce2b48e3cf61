package dev.lastref.http.config;

import java.util.Set;

/** Environment variables that begin like settings and are none: the launcher's, the tests', and what Kubernetes sets. */
final class ForeignVariables {
    private static final Set<String> OURS = Set.of("LASTREF_JAR", "LASTREF_JAVA_OPTS", "LASTREF_REQUIRE_PEERS");

    private ForeignVariables() {}

    static boolean contain(String name) {
        // Kubernetes describes a service named lastref to every container that starts after it.
        return OURS.contains(name)
                || name.startsWith("LASTREF_SERVICE_")
                || name.equals("LASTREF_PORT")
                || name.startsWith("LASTREF_PORT_");
    }
}
