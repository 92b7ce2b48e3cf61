package dev.lastref.http.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lastref.http.config.RuleSetting;
import dev.lastref.http.config.Setting;
import dev.lastref.http.log.LogFilter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;

/** What bash and zsh read to complete commands and options, as picocli has it, and keys and values, as the settings have them. */
final class CompletionScript {
    /** Those that take several, with commas between them. */
    private static final List<String> LISTS = List.of("--cache", "--status", "--method");

    private CompletionScript() {}

    static String of(CommandLine root) {
        return AutoComplete.bash("lastref", root) + lists() + words() + properties() + functions();
    }

    private static String lists() {
        String keys = Stream.concat(
                        Arrays.stream(Setting.values()).map(Setting::key), Stream.of(RuleSetting.KEY_PREFIX))
                .collect(Collectors.joining(" "));
        String files = Stream.concat(
                        Stream.of("--config"),
                        Arrays.stream(Setting.values()).filter(Setting::isPath).map(Setting::key))
                .collect(Collectors.joining(" "));
        return "\n_lastref_keys='" + keys + "'\n_lastref_files='" + files + "'\n_lastref_lists='"
                + String.join(" ", LISTS) + "'\n";
    }

    private static String words() {
        Map<String, List<String>> words = new LinkedHashMap<>();
        words.put("--cache", LogFilter.CACHE_WORDS);
        words.put("--status", List.of("2xx", "3xx", "4xx", "5xx"));
        words.put("--method", List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"));
        for (Setting setting : Setting.values()) {
            words.put(setting.key(), setting.words());
        }
        for (RuleSetting setting : RuleSetting.values()) {
            words.put(RuleSetting.KEY_PREFIX + "*." + setting.property(), setting.words());
        }
        return words.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry -> "    " + entry.getKey() + ") echo '" + String.join(" ", entry.getValue()) + "' ;;\n")
                .collect(Collectors.joining("", "\nfunction _lastref_words() {\n  case $1 in\n", "  esac\n}\n"));
    }

    private static String properties() {
        return "\nfunction _lastref_rule_properties() {\n  echo '"
                + Arrays.stream(RuleSetting.values()).map(RuleSetting::property).collect(Collectors.joining(" "))
                + "'\n}\n";
    }

    private static String functions() {
        try (InputStream in = CompletionScript.class.getResourceAsStream("completion-values.sh")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
