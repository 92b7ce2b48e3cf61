package dev.lastref.http.cli;

import dev.lastref.http.Prerequisites;
import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Doubtful;
import dev.lastref.http.config.Setting;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.message.AddressText;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.linux.FileLimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a start with some settings would find before it listens, by the steps that a start takes and in their order, each in the form that
 * leaves nothing behind.
 *
 * @param status with which {@code serve} would end there and then; 0: it would go on
 * @param problems why, each a line
 * @param warnings what it would tell and go on, each a line
 */
record StartCheck(int status, List<String> problems, List<String> warnings) {
    StartCheck {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /** Takes about a quarter of a second. */
    static StartCheck of(Configuration configuration) {
        SidecarConfig config = configuration.config();
        List<String> warnings = new ArrayList<>(Doubtful.of(configuration));
        try {
            Prerequisites.check(configuration);
            String without = StartUpProbe.look(config);
            String shortage = TmpfsPool.tryOut(config.pool(FileLimit.ofThisProcess()));
            Stream.of(without, shortage).filter(Objects::nonNull).forEach(warnings::add);
            return new StartCheck(Main.OK, List.of(), warnings);
        } catch (ConfigException e) {
            return of(e, warnings);
        } catch (IOException e) {
            return new StartCheck(Main.FAILED, List.of(String.valueOf(e.getMessage())), warnings);
        }
    }

    /** Of settings that cannot be read: with what they mean all else is unknown. */
    static StartCheck of(ConfigException unusable) {
        return of(unusable, List.of());
    }

    private static StartCheck of(ConfigException unusable, List<String> warnings) {
        return new StartCheck(Main.BAD_CONFIGURATION, unusable.each(), warnings);
    }

    /** What was tried, in one line, for where nothing was wrong. */
    static String told(Configuration configuration) {
        SidecarConfig config = configuration.config();
        long set = configuration.shown().values().stream()
                .filter(setting -> !setting.source().equals("default"))
                .count();
        String files = Arrays.stream(Setting.values())
                .filter(setting -> setting.isPath() && setting != Setting.POOL_DIRECTORY)
                .filter(setting -> !configuration.of(setting).value().equals(setting.byDefault()))
                .map(Setting::key)
                .collect(Collectors.joining(", "));
        return "everything can be used: " + (set == 1 ? "the one setting that is set" : set + " settings that are set")
                + (files.isEmpty() ? "" : ", the files of " + files)
                + ", memory for a pool of " + (config.poolSize() >> 20) + " MiB in "
                + (config.poolDirectory() == null ? "memfds" : config.poolDirectory())
                + ", and what the kernel grants; not tried: whether " + AddressText.of(config.listen()) + " and "
                + AddressText.of(config.admin()) + " are free";
    }
}
