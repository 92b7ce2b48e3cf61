package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Setting;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name any setting. */
final class SourceOptions {
    private static final String PREFIX = "lastref.";

    @Option(names = "--config", paramLabel = "FILE", description = "A properties file.")
    private @Nullable Path file;

    @Option(
            names = "-D",
            paramLabel = "lastref.KEY=VALUE",
            mapFallbackValue = "",
            description = "Any setting; wins over environment and file.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /**
     * File, environment and command line, with these settings from options of their own, which win. What the JVM was given in front of
     * its jar is of the command line, too.
     */
    ConfigSources sources(Map<Setting, String> named) {
        Map<String, String> commandLine = new LinkedHashMap<>();
        for (String key : System.getProperties().stringPropertyNames()) {
            if (key.startsWith(PREFIX)) {
                commandLine.put(key, System.getProperty(key));
            }
        }
        commandLine.putAll(settings);
        named.forEach((setting, value) -> commandLine.put(setting.key(), value));
        return new ConfigSources(file, System.getenv(), commandLine);
    }
}
