package dev.lastref.http.config;

import dev.lastref.http.config.Configuration.Effective;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings: defaults, then the file, then the environment ({@code LASTREF_POOL_SIZE}), then the command line
 * ({@code -Dlastref.pool.size=…}), then what was put while running; later wins. A key that is not known or a value that does not fit stops it with a
 * {@link ConfigException}.
 */
public final class ConfigLoader {
    private ConfigLoader() {}

    /** {@link #read} for those who want to know no more than what it means. */
    public static SidecarConfig load(
            @Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
        return read(new ConfigSources(file, environment, commandLine)).config();
    }

    /** Reads and checks everything. */
    public static Configuration read(ConfigSources sources) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withSources(defaults());
        Path file = sources.file();
        if (file != null) {
            builder.withSources(fromFile(file));
        }
        builder.withSources(
                fromEnvironment(sources.environment()),
                new PropertiesConfigSource(checked(sources.commandLine(), "command line"), "command line", 400),
                new PropertiesConfigSource(checked(sources.put(), ConfigSources.PUT), ConfigSources.PUT, 500));
        SettingValues values = new SettingValues(builder.build());
        SidecarConfig config = new ConfigReader(values).read();
        Map<Setting, Effective> settings = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            settings.put(
                    setting, new Effective(values.text(setting), values.source(setting), values.expectation(setting)));
        }
        return new Configuration(sources, config, settings, ruleValues(values));
    }

    private static Map<String, Effective> ruleValues(SettingValues values) {
        Map<String, Effective> rules = new TreeMap<>();
        for (String key : values.keys()) {
            if (Rules.isKey(key)) {
                rules.put(key, new Effective(values.text(key), values.source(key), ""));
            }
        }
        return rules;
    }

    private static PropertiesConfigSource defaults() {
        Map<String, String> values = new LinkedHashMap<>();
        Arrays.stream(Setting.values()).forEach(setting -> values.put(setting.key(), setting.byDefault()));
        return new PropertiesConfigSource(values, "default", 100);
    }

    private static PropertiesConfigSource fromFile(Path file) {
        Map<String, String> values;
        try {
            values = new PropertiesConfigSource(file.toUri().toURL(), 200).getProperties();
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) { // the last: an escape that is none
            throw new ConfigException("cannot read the configuration file " + file + ": " + e.getMessage());
        }
        return new PropertiesConfigSource(checked(values, file.toString()), file.toString(), 200);
    }

    private static PropertiesConfigSource fromEnvironment(Map<String, String> environment) {
        Map<String, String> values = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith("LASTREF_") && !ForeignVariables.contain(name)) {
                String key = Setting.ofEnvironmentName(name)
                        .map(Setting::key)
                        .or(() -> Rules.keyOfEnvironmentName(name))
                        .orElseThrow(() -> ConfigException.unknown(
                                name, value, "environment", Setting.nearest(name, Setting::environmentName)));
                values.put(key, value);
            }
        });
        return new PropertiesConfigSource(values, "environment", 300);
    }

    private static Map<String, String> checked(Map<String, String> values, String source) {
        values.forEach((key, value) -> {
            if (Setting.ofKey(key).isEmpty() && !Rules.isKey(key)) {
                throw ConfigException.unknown(key, value, source, Rules.nearest(key));
            }
        });
        return values;
    }
}
