package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Configuration.Shown;
import dev.lastref.http.config.RuleSetting;
import dev.lastref.http.config.Setting;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings in the forms that people read. */
final class ConfigReference {
    private static final int WIDTH = 100;

    private static final String INTRODUCTION = """
            # Settings

            <!-- Made from the code by `./lastref config --markdown > docs/configuration.md`; a test fails where the two differ. -->

            Later wins: defaults, a properties file (`--config FILE`), the environment, the command line (`-Dlastref.KEY=VALUE`, also in
            front of `-jar` or in `LASTREF_JAVA_OPTS`, or an option such as `--origin`), and what was put while running. A key that is not known, or a value that cannot be used, stops the start with
            status 2; the message names each such key, the value, where it was set, and what was expected. A key
            that one source has twice is refused, an empty value is, and so is a variable that is a setting's but for its spelling, such as `lastref.pool.size`.

            `./lastref config`, with the options that `serve` gets, prints what all that comes to, each value with its source, as a properties
            file; `--set-only` leaves out what is as by default, `--json` is for scripts, and `--running HOST:PORT` asks a running sidecar. A value whose key
            ends in `token` or `password` is not shown. `./lastref config --check` tries instead whether `serve` could start with them, and changes nothing.

            ## Changing them while Lastref runs

            | | |
            | --- | --- |
            | SIGHUP, `./lastref reload`, or `POST /api/reload` | reads the file again, and opens the access log anew, be it that nothing of the file can be taken. What was edited in vain, since another source has a value that wins, is named, and what could not be used, be it that a value that was put hides it |
            | `PUT /api/config` with `{"lastref.pool.size":"64MiB"}` | sets these values, which win over all other sources until the process ends; `null` takes one back. The file is not read for it |

            All that is asked for together changes, or nothing does: where one value cannot be used, or is of a setting that is read at the start
            only, the answer (400, or a log line) says which and why. `lastref_config_last_change_successful` is 0 from then on until a change
            is taken.

            ## All settings

            Sizes are bytes, or with `KiB`, `MiB`, `GiB` (1024 each, however they are spelled); durations have `ms`, `s`, `m`, `h` or `d`.
            """;

    private static final String RULES = """

            ## Rules by path

            `lastref.rules.NAME.` and one of these; what they do together is in the README.

            | | meaning | changes |
            | --- | --- | --- |
            """;

    private ConfigReference() {}

    /** As a file that {@code --config} can read. */
    static String properties(Map<String, Shown> settings) {
        StringBuilder text = new StringBuilder();
        settings.forEach((key, shown) -> {
            comment(text, shown.meaning() + ".");
            if (!shown.expected().isEmpty()) {
                comment(text, "Expected: " + shown.expected() + ".");
            }
            comment(
                    text,
                    "From: " + shown.source()
                            + (shown.byDefault().isEmpty() ? "" : "; default: " + shown.byDefault())
                            + "; changes " + shown.change() + ".");
            boolean hidden = shown.value().equals(Shown.SECRET);
            text.append(hidden ? "# " : "")
                    .append(key)
                    .append(" = ")
                    .append(shown.value().replace("\\", "\\\\"))
                    .append("\n\n");
        });
        return text.toString();
    }

    private static void comment(StringBuilder text, String sentence) {
        StringBuilder line = new StringBuilder("#");
        for (String word : sentence.split(" ", -1)) {
            if (line.length() + word.length() >= WIDTH) {
                text.append(line).append('\n');
                line = new StringBuilder("#");
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }

    /** As docs/configuration.md. */
    static String markdown() {
        Map<String, Shown> settings = ConfigLoader.read(
                        new ConfigSources(null, Map.of(), Map.of(Setting.ORIGIN.key(), "http://127.0.0.1:8081")))
                .shown();
        return INTRODUCTION
                + Arrays.stream(Setting.values())
                        .map(setting -> entry(setting, shown(settings, setting)))
                        .collect(Collectors.joining())
                + RULES
                + Arrays.stream(RuleSetting.values())
                        .map(setting -> "| `" + setting.property() + "` | " + setting.meaning() + " | "
                                + setting.change().meaning() + " |\n")
                        .collect(Collectors.joining());
    }

    private static Shown shown(Map<String, Shown> settings, Setting setting) {
        Shown shown = settings.get(setting.key());
        if (shown == null) {
            throw new IllegalStateException(setting.key());
        }
        return shown;
    }

    private static String entry(Setting setting, Shown shown) {
        return "\n### `" + setting.key() + "`\n\n" + sentence(setting.meaning()) + "\n\n"
                + "- Default: " + (setting.byDefault().isEmpty() ? "none" : "`" + setting.byDefault() + "`") + "\n"
                + "- Expected: " + shown.expected() + "\n"
                + "- In the environment: `" + setting.environmentName() + "`\n"
                + "- Changes: " + shown.change() + "\n";
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }
}
