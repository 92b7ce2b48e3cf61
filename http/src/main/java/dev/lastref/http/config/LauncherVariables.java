package dev.lastref.http.config;

import java.util.Set;

/** Environment variables that begin like settings but are read by the launcher and the tests, not by the sidecar. */
final class LauncherVariables {
    static final Set<String> NAMES = Set.of("LASTREF_JAR", "LASTREF_JAVA_OPTS", "LASTREF_REQUIRE_PEERS");

    private LauncherVariables() {}
}
