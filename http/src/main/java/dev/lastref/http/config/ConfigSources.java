package dev.lastref.http.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from; later wins.
 *
 * @param file a properties file, or null
 * @param environment as of {@link System#getenv()}
 * @param commandLine full keys and values
 * @param put what was set while running, full keys and values
 */
public record ConfigSources(
        @Nullable Path file,
        Map<String, String> environment,
        Map<String, String> commandLine,
        Map<String, String> put) {
    /** How errors and {@code lastref config} name them, the file apart, which is called by its name. */
    static final String DEFAULT = "default";

    static final String ENVIRONMENT = "environment";
    public static final String COMMAND_LINE = "command line";
    public static final String PUT = "PUT /api/config";
    /** All but the file. */
    static final Set<String> BESIDE_THE_FILE = Set.of(DEFAULT, ENVIRONMENT, COMMAND_LINE, PUT);

    public ConfigSources(@Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
        this(file, environment, commandLine, Map.of());
    }

    ConfigSources withPut(Map<String, String> values) {
        return new ConfigSources(file, environment, commandLine, values);
    }
}
