package dev.lastref.http.config;

import dev.lastref.http.message.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was read from the sources at one moment: checked, and with where each value came from.
 *
 * @param inFile what the file said then, keys and values
 * @param config what it means
 * @param settings every setting, in the order of {@link Setting}
 * @param rules what is set of rules by path, by key
 * @param meanings which texts make no difference
 */
public record Configuration(
        ConfigSources sources,
        Map<String, String> inFile,
        SidecarConfig config,
        Map<Setting, Effective> settings,
        Map<String, Effective> rules,
        Meanings meanings) {
    /**
     * The value of one setting.
     *
     * @param value as it was typed
     * @param source which source it is from: default, the file's name, environment, command line, or PUT /api/config
     * @param expected what values there are
     */
    public record Effective(String value, String source, String expected) {}

    /**
     * A setting as people are shown it.
     *
     * @param value of a secret only whether there is one
     * @param change when a new value takes effect
     */
    public record Shown(String value, String source, String byDefault, String expected, String change, String meaning) {
        /** What stands for the value of a secret. */
        public static final String SECRET = "(set, not shown)";
    }

    /** Every setting by its key, in order. */
    public Map<String, Shown> shown() {
        Map<String, Shown> all = new LinkedHashMap<>();
        settings.forEach((setting, effective) -> all.put(
                setting.key(),
                new Shown(
                        setting.isSecret() && !effective.value().equals(setting.byDefault())
                                ? Shown.SECRET
                                : effective.value(),
                        effective.source(),
                        setting.byDefault(),
                        effective.expected(),
                        setting.change().meaning(),
                        setting.meaning())));
        rules.forEach((key, effective) -> {
            RuleSetting setting = Rules.settingOf(key).orElseThrow();
            all.put(
                    key,
                    new Shown(
                            effective.value(),
                            effective.source(),
                            "",
                            "",
                            setting.change().meaning(),
                            setting.meaning()));
        });
        return all;
    }

    /**
     * By key, which source's value holds where the file means something else than that: of what was edited since one of two moments.
     *
     * @param started the first of all
     * @param before the last that was read before this one
     */
    Map<String, String> hiddenSince(Configuration started, Configuration before) {
        Set<String> keys = new TreeSet<>(started.inFile.keySet());
        keys.addAll(before.inFile.keySet());
        keys.addAll(inFile.keySet());
        Map<String, String> hidden = new LinkedHashMap<>();
        for (String key : keys) {
            Effective holds = Setting.ofKey(key).map(this::of).orElseGet(() -> rules.get(key));
            if (holds != null
                    && !meanings.areAlike(key, said(key), holds.value())
                    && !(meanings.areAlike(key, said(key), started.said(key))
                            && meanings.areAlike(key, said(key), before.said(key)))) {
                hidden.put(key, holds.source());
            }
        }
        return hidden;
    }

    /** The value that a key would have by the file alone. */
    private String said(String key) {
        return inFile.getOrDefault(key, byDefault(key));
    }

    private static String byDefault(String key) {
        return Setting.ofKey(key).map(Setting::byDefault).orElse("");
    }

    /**
     * What to throw where the file or directory that a setting names cannot be used.
     *
     * @param why what was found when it was tried
     */
    public ConfigException unusable(Setting setting, IOException why) {
        Effective effective = of(setting);
        return ConfigException.of(
                setting.key(),
                effective.value(),
                effective.source(),
                (setting == Setting.POOL_DIRECTORY ? "a directory on tmpfs" : "a file") + " that can be used: "
                        + (why instanceof FileSystemException named ? named.getFile() + ": " : "")
                        + Reason.of(why));
    }

    public Effective of(Setting setting) {
        Effective effective = settings.get(setting);
        if (effective == null) {
            throw new IllegalStateException("nothing was read for " + setting);
        }
        return effective;
    }
}
