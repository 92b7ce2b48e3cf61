package dev.lastref.http.config;

import io.smallrye.config.SmallRyeConfig;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of each setting, where it comes from, and what it was expected to be. */
final class SettingValues {
    /** How SmallRye Config decorates the name that a source was given. */
    private static final Pattern SOURCE_NAME = Pattern.compile("\\w+\\[source=(.*)]");

    /** Of all settings only the origin has no default. */
    static final String ANY_ORIGIN = "http://127.0.0.1:80";

    private final SmallRyeConfig config;
    private final Map<Setting, String> expectations = new EnumMap<>(Setting.class);
    private final Map<Setting, Function<String, ?>> parsers = new EnumMap<>(Setting.class);

    private final Set<Setting> replaced = EnumSet.noneOf(Setting.class);

    private final List<ConfigException> unusable;

    /**
     * @param unusable what is wrong by now; more is added as values are read
     */
    SettingValues(SmallRyeConfig config, List<ConfigException> unusable) {
        this.config = config;
        this.unusable = unusable;
    }

    /** Has somebody told of it with the others. */
    void refuse(ConfigException why) {
        unusable.add(why);
    }

    /** Whether what was read of each is what was meant, and not a default that stands for it. */
    boolean areRead(Setting... settings) {
        return Arrays.stream(settings).noneMatch(replaced::contains);
    }

    /** Every key that is set. */
    Iterable<String> keys() {
        return config.getPropertyNames();
    }

    /** What a setting was expected to be, once it has been read. */
    String expectation(Setting setting) {
        return expectations.getOrDefault(setting, "");
    }

    /** What the texts of those that have been read mean. */
    Meanings meanings() {
        return new Meanings(parsers);
    }

    /**
     * Reads one. Where the parser throws an IllegalArgumentException its default stands for it, and somebody is told of it with the others.
     *
     * @param expected the end of a sentence, for whoever has set something else
     */
    <T> T get(Setting setting, Function<String, T> parser, String expected) {
        expectations.put(setting, expected);
        parsers.put(setting, parser);
        try {
            return read(setting, parser, expected);
        } catch (ConfigException e) {
            refuse(e);
            replaced.add(setting);
            return parser.apply(setting.byDefault().isEmpty() ? ANY_ORIGIN : setting.byDefault());
        }
    }

    private <T> T read(Setting setting, Function<String, T> parser, String expected) {
        String text = text(setting);
        if (text.isBlank()) {
            throw empty(setting, expected);
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) { // NumberFormatException is one
            throw ConfigException.of(
                    setting.key(), text, source(setting), e instanceof Unfit unfit ? unfit.expected() : expected);
        }
    }

    private ConfigException empty(Setting setting, String expected) {
        if (source(setting).equals(ConfigSources.DEFAULT)) {
            return new ConfigException(setting.key() + " is not set: expected " + expected + "; set it with -D"
                    + setting.key() + "=…, as " + setting.environmentName() + ", or in the file");
        }
        String otherwise =
                setting.byDefault().isEmpty() ? "" : "; where it is not set at all, it is " + setting.byDefault();
        return ConfigException.of(
                setting.key()
                        + (source(setting).equals(ConfigSources.ENVIRONMENT)
                                ? " (" + setting.environmentName() + ")"
                                : ""),
                text(setting),
                source(setting),
                expected + otherwise);
    }

    String text(Setting setting) {
        return text(setting.key());
    }

    String text(String key) {
        String value = config.getConfigValue(key).getValue();
        return value == null ? "" : value;
    }

    String source(Setting setting) {
        return source(setting.key());
    }

    String source(String key) {
        String name = String.valueOf(config.getConfigValue(key).getSourceName());
        Matcher named = SOURCE_NAME.matcher(name);
        return named.matches() ? named.group(1) : name;
    }
}
