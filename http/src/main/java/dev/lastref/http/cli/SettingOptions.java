package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Setting;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which settings are given. */
final class SettingOptions {
    @Option(
            names = "--origin",
            paramLabel = "URL",
            description =
                    "Base URL of the origin (lastref.origin), such as http://127.0.0.1:8081; several, with commas between them.")
    private @Nullable String origin;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Where clients connect (lastref.listen).")
    private @Nullable String listen;

    @Option(names = "--admin", paramLabel = "HOST:PORT", description = "Where administration listens (lastref.admin).")
    private @Nullable String admin;

    @Mixin
    private final SourceOptions any = new SourceOptions();

    ConfigSources sources() {
        Map<Setting, String> named = new EnumMap<>(Setting.class);
        put(named, Setting.ORIGIN, origin);
        put(named, Setting.LISTEN, listen);
        put(named, Setting.ADMIN, admin);
        return any.sources(named);
    }

    private static void put(Map<Setting, String> values, Setting setting, @Nullable String value) {
        if (value != null) {
            values.put(setting, value);
        }
    }
}
