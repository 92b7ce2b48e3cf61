package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Setting;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which settings are given. */
final class SettingOptions {
    @Option(names = "--origin", paramLabel = "URL", description = "Base URL of the origin (lastref.origin).")
    private @Nullable String origin;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Where clients connect (lastref.listen).")
    private @Nullable String listen;

    @Option(names = "--admin", paramLabel = "HOST:PORT", description = "Where administration listens (lastref.admin).")
    private @Nullable String admin;

    @Option(names = "--config", paramLabel = "FILE", description = "A properties file.")
    private @Nullable Path file;

    @Option(
            names = "-D",
            paramLabel = "lastref.KEY=VALUE",
            mapFallbackValue = "",
            description = "Any setting; wins over environment and file.")
    private Map<String, String> settings = new LinkedHashMap<>();

    ConfigSources sources() {
        Map<String, String> commandLine = new LinkedHashMap<>(settings);
        put(commandLine, Setting.ORIGIN, origin);
        put(commandLine, Setting.LISTEN, listen);
        put(commandLine, Setting.ADMIN, admin);
        return new ConfigSources(file, System.getenv(), commandLine);
    }

    private static void put(Map<String, String> values, Setting setting, @Nullable String value) {
        if (value != null) {
            values.put(setting.key(), value);
        }
    }
}
