package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
            description = "Any setting; wins over environment and file.")
    private List<String> settings = new ArrayList<>();

    /**
     * File, environment and command line, with these settings from options of their own. What the JVM was given in front of its jar is of the
     * command line, too, and these options win over it.
     */
    ConfigSources sources(Map<Setting, String> named) {
        if (file != null && file.toString().isEmpty()) {
            throw new ConfigException("--config is \"\": expected the path of a properties file");
        }
        Map<String, String> commandLine = new LinkedHashMap<>();
        for (String key : System.getProperties().stringPropertyNames()) {
            if (key.startsWith(PREFIX)) {
                commandLine.put(key, System.getProperty(key));
            }
        }
        Map<String, String> given = ofOptions();
        named.forEach((setting, value) -> put(given, setting.key(), value));
        commandLine.putAll(given);
        return new ConfigSources(file, System.getenv(), commandLine);
    }

    /** Not a map of picocli's, which says nothing of a key that it is given twice, and keeps the last. */
    private Map<String, String> ofOptions() {
        Map<String, String> values = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            String key = equals < 0 ? setting : setting.substring(0, equals);
            String value = equals < 0 ? "" : setting.substring(equals + 1);
            put(values, key, value);
        }
        return values;
    }

    private static void put(Map<String, String> values, String key, String value) {
        String before = values.putIfAbsent(key, value);
        if (before != null && !before.equals(value)) {
            throw ConfigException.twice(key, value, ConfigSources.COMMAND_LINE, before);
        }
    }
}
