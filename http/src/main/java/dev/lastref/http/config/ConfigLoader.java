package dev.lastref.http.config;

import dev.lastref.http.config.Configuration.Effective;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings: defaults, then the file, then the environment ({@code LASTREF_POOL_SIZE}), then the command line
 * ({@code -Dlastref.pool.size=…}), then what was put while running; later wins. A key that is not known or a value that does not fit stops it with a
 * {@link ConfigException}.
 */
public final class ConfigLoader {
    private static final String VARIABLE = "LASTREF_";

    /** What whoever reads asks of the values beside that each can be used. */
    @FunctionalInterface
    interface Demand {
        /**
         * @param read of which {@link Configuration#config} has defaults in place of what cannot be used
         * @param unusable what is wrong by now; more is added
         */
        void check(Configuration read, List<ConfigException> unusable);
    }

    private ConfigLoader() {}

    /** {@link #read} for those who want to know no more than what it means. */
    public static SidecarConfig load(
            @Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
        return read(new ConfigSources(file, environment, commandLine)).config();
    }

    /** Reads the file and checks everything. */
    public static Configuration read(ConfigSources sources) {
        return readAll(sources, Setting.ORIGIN.byDefault());
    }

    /** The same for who asks no origin: where none is named, one on this machine stands for it. */
    public static Configuration readWithAnyOrigin(ConfigSources sources) {
        return readAll(sources, SettingValues.ANY_ORIGIN);
    }

    private static Configuration readAll(ConfigSources sources, String origin) {
        List<ConfigException> unusable = new ArrayList<>();
        return usable(read(sources, inFile(sources, unusable), origin, unusable), unusable);
    }

    /** The same with what was read of the file before: whatever it says by now. */
    static Configuration read(ConfigSources sources, Map<String, String> inFile, Demand demand) {
        List<ConfigException> unusable = new ArrayList<>();
        Configuration read = read(sources, inFile, Setting.ORIGIN.byDefault(), unusable);
        demand.check(read, unusable);
        return usable(read, unusable);
    }

    /** Reads the file again, of which all is to be of use, what is hidden by values that were put included: at the next start nothing is. */
    static Configuration reread(ConfigSources sources, Demand demand) {
        List<ConfigException> unusable = new ArrayList<>();
        Map<String, String> inFile = inFile(sources, unusable);
        if (!sources.put().isEmpty()) {
            read(sources.withPut(Map.of()), inFile, Setting.ORIGIN.byDefault(), unusable);
        }
        Configuration read = read(sources, inFile, Setting.ORIGIN.byDefault(), unusable);
        demand.check(read, unusable);
        return usable(read, unusable);
    }

    private static Map<String, String> inFile(ConfigSources sources, List<ConfigException> unusable) {
        Path file = sources.file();
        return file == null ? Map.of() : ConfigFile.read(file, unusable);
    }

    /** Whoever has several to mend is to know it at once. */
    private static Configuration usable(Configuration read, List<ConfigException> unusable) {
        if (!unusable.isEmpty()) {
            throw ConfigException.of(unusable);
        }
        return read;
    }

    /**
     * Reads what can be.
     *
     * @param unusable what is wrong by now; more is added
     */
    private static Configuration read(
            ConfigSources sources, Map<String, String> inFile, String origin, List<ConfigException> unusable) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withSources(defaults(origin));
        String name = String.valueOf(sources.file());
        builder.withSources(new PropertiesConfigSource(checked(inFile, name, unusable), name, 200));
        builder.withSources(
                fromEnvironment(sources.environment(), unusable),
                new PropertiesConfigSource(
                        checked(sources.commandLine(), ConfigSources.COMMAND_LINE, unusable),
                        ConfigSources.COMMAND_LINE,
                        400),
                new PropertiesConfigSource(
                        checked(sources.put(), ConfigSources.PUT, unusable), ConfigSources.PUT, 500));
        SettingValues values = new SettingValues(builder.build(), unusable);
        SidecarConfig config = new ConfigReader(values).read();
        Map<Setting, Effective> settings = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            settings.put(
                    setting, new Effective(values.text(setting), values.source(setting), values.expectation(setting)));
        }
        return new Configuration(sources, inFile, config, settings, ruleValues(values), values.meanings());
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

    private static PropertiesConfigSource defaults(String origin) {
        Map<String, String> values = new LinkedHashMap<>();
        Arrays.stream(Setting.values()).forEach(setting -> values.put(setting.key(), setting.byDefault()));
        values.put(Setting.ORIGIN.key(), origin);
        return new PropertiesConfigSource(values, ConfigSources.DEFAULT, 100);
    }

    private static PropertiesConfigSource fromEnvironment(
            Map<String, String> environment, List<ConfigException> unusable) {
        Map<String, String> values = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(VARIABLE) && !ForeignVariables.isHostOfService(name, environment)) {
                String key = keyOf(name).orElse(null);
                if (key != null) {
                    values.put(key, value);
                } else if (!ForeignVariables.contain(name, value)) {
                    unusable.add(ConfigException.unknown(
                            name, value, ConfigSources.ENVIRONMENT, Setting.nearVariables(name)));
                }
            } else if (!name.startsWith(VARIABLE)) {
                checkIsNotMeantForUs(name, value, unusable);
            }
        });
        return new PropertiesConfigSource(values, ConfigSources.ENVIRONMENT, 300);
    }

    private static Optional<String> keyOf(String variable) {
        return Setting.ofEnvironmentName(variable).map(Setting::key).or(() -> Rules.keyOfEnvironmentName(variable));
    }

    /** Kubernetes and Docker set variables of any name: a setting under another than its own would be ignored without a word. */
    private static void checkIsNotMeantForUs(String name, String value, List<ConfigException> unusable) {
        String spelled = name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        if (keyOf(spelled).isPresent()) {
            unusable.add(ConfigException.of(
                    name, value, ConfigSources.ENVIRONMENT, "the name that this setting has there, " + spelled));
        } else if (name.startsWith(Setting.PREFIX)) {
            unusable.add(
                    ConfigException.unknown(name, value, ConfigSources.ENVIRONMENT, Setting.nearVariables(spelled)));
        }
    }

    private static Map<String, String> checked(
            Map<String, String> values, String source, List<ConfigException> unusable) {
        values.forEach((key, value) -> {
            if (Setting.ofKey(key).isEmpty() && !Rules.isKey(key)) {
                unusable.add(ConfigException.unknown(key, value, source, Rules.near(key)));
            }
        });
        return values;
    }
}
