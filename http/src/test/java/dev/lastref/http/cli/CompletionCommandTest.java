package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Setting;
import dev.lastref.http.log.LogFilter;
import dev.lastref.http.testing.Programs;
import dev.lastref.pool.testing.Requires;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** What shells complete; asked of them. */
class CompletionCommandTest {
    @TempDir
    Path directory;

    private Path script;

    @BeforeEach
    void print() throws Exception {
        StringWriter out = new StringWriter();
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        assertThat(command.execute("completion")).isZero();
        script = Files.writeString(directory.resolve("completion"), out.toString());
    }

    /** As the shell has divided the line: bash at each "=" too. What there is to choose among. */
    private List<String> completed(String shell, String line) throws Exception {
        Requires.command(shell);
        String words =
                Arrays.stream(line.split(" ", -1)).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        String start = shell.equals("zsh")
                ? "autoload -U +X compinit && compinit -D -u; source " + script + "; emulate sh; "
                : "source " + script + "; compopt() { :; }; "; // bash has it while it completes only
        try (Programs programs = new Programs(directory)) {
            String printed = programs.run(
                    shell,
                    shell.equals("zsh") ? "-fc" : "-c",
                    start + "COMP_WORDS=(" + words + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE='" + line
                            + "'; complete -p lastref >" + directory.resolve("with")
                            + " 2>/dev/null; _lastref_complete;"
                            + " printf '%s\\n' \"${COMPREPLY[@]}\"");
            return printed.lines().filter(each -> !each.isEmpty()).toList();
        }
    }

    @Test
    void bashIsToldWhatCompletes() throws Exception {
        assertThat(completed("bash", "lastref p")).containsExactly("purge");
        assertThat(directory.resolve("with")).content().contains("-F _lastref_complete", "-o default");
        assertThat(completed("bash", "lastref config --ch")).containsExactly("--check");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serve -Dlastref.pool.b | -Dlastref.pool.backing=",
                "serve -D lastref.pool.b | lastref.pool.backing=",
                "doctor -Dlastref.access | -Dlastref.access-log= -Dlastref.access-log.format=",
                "config --check -Dlastref.pool.backing = | memfd directory",
                "config -Dlastref.pool.backing = d | directory",
                "serve -D lastref.pool.backing = d | directory",
                "serve -Dlastref.log.level = | error warning info debug",
                "serve -Dlastref.purge.method = t | true",
                "serve -Dlastref.pool.size = | 256MiB",
                "serve -Dlastref.rul | -Dlastref.rules.",
                "serve -Dlastref.rules.api.q | -Dlastref.rules.api.query.only= -Dlastref.rules.api.query.without= -Dlastref.rules.api.query.sort=",
                "serve -Dlastref.rules.api.pass = | true false",
                "log --cache s | stale",
                "log --cache = s | stale",
                "log --cache hit,s | hit,stale",
                "log --cache = hit,miss,p | hit,miss,pass",
                "log --status 5 | 5xx",
                "log --status = 404, | 404,2xx 404,3xx 404,4xx 404,5xx",
                "log --method P | POST PUT PATCH",
                "log --json --c | --cache --count",
            })
    void bashCompletesKeysAndValues(String line, String offered) throws Exception {
        assertThat(completed("bash", "lastref " + line)).containsExactlyInAnyOrder(offered.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serve -Dlastref.access | -Dlastref.access-log= -Dlastref.access-log.format=",
                "serve -Dlastref.pool.b | -Dlastref.pool.backing=",
                "serve -Dlastref.pool.backing=d | -Dlastref.pool.backing=directory",
                "serve -D lastref.pool.backing=d | lastref.pool.backing=directory",
                "log --cache=hit,s | --cache=hit,stale",
                "log --cache s | stale",
            })
    void zshWhichLeavesTheWordWholeDoesToo(String line, String offered) throws Exception {
        assertThat(completed("zsh", "lastref " + line).stream().map(String::strip))
                .containsExactlyInAnyOrder(offered.split(" "));
    }

    /** At a terminal: what stands in the line after a tab. A blank is behind what is whole, and not behind what goes on. */
    @Test
    void zshPutsABlankBehindWhatIsWhole() throws Exception {
        Requires.command("zsh");
        Files.writeString(directory.resolve("some.pem"), "");
        Files.createDirectory(directory.resolve("empty"));
        Files.createDirectory(directory.resolve("full"));
        Files.writeString(directory.resolve("full/some.pem"), "");
        Path typed = directory.resolve("typed");
        Path terminal = Files.writeString(
                directory.resolve("terminal"),
                "zmodload zsh/zpty zsh/zselect; zpty shell zsh -fi\n"
                        + "lines() { until (( $(grep -c . " + typed
                        + " 2>/dev/null) >= $1 )); do zselect -t 2; done }\n"
                        + "zpty -w shell 'autoload -U compinit; compinit -D -u; source " + script + "; '"
                        + "'show() { print -r -- \"$BUFFER.\" >>" + typed + " }; zle -N show; bindkey \"^X\" show; '"
                        + "'print ready >" + typed + "'\n"
                        + "lines 1; n=1\n"
                        + "for line in \"$@\"; do\n"
                        + "  zpty -w -n shell $'\\x15'\"$line\"$'\\t\\x18'; lines $((++n))\n"
                        + "done; zpty -d shell\n");
        String tls = "lastref serve -Dlastref.tls.key=" + directory;
        String config = "lastref serve --config " + directory;
        try (Programs programs = new Programs(directory)) {
            programs.run(
                    "timeout",
                    "60",
                    "zsh",
                    "-f",
                    terminal.toString(),
                    tls + "/em",
                    tls + "/fu",
                    tls + "/so",
                    config + "/em",
                    config + "/so",
                    "lastref serve -Dlastref.pool.ba",
                    "lastref serve -Dlastref.rul",
                    "lastref serve -Dlastref.pool.backing=d",
                    "lastref config --ch");
        }
        assertThat(Files.readAllLines(typed))
                .containsExactly(
                        "ready",
                        tls + "/empty/.",
                        tls + "/full/.",
                        tls + "/some.pem .",
                        config + "/empty/.",
                        config + "/some.pem .",
                        "lastref serve -Dlastref.pool.backing=.",
                        "lastref serve -Dlastref.rules..",
                        "lastref serve -Dlastref.pool.backing=directory .",
                        "lastref config --check .");
    }

    @Test
    void whatNamesAFileIsCompletedAsOne() throws Exception {
        Path file = Files.writeString(directory.resolve("some.pem"), "");
        String begun = directory.resolve("so").toString();
        assertThat(completed("bash", "lastref serve -Dlastref.tls.key = " + begun))
                .containsExactly(file.toString());
        assertThat(completed("bash", "lastref serve --config = " + begun)).containsExactly(file.toString());
        assertThat(completed("bash", "lastref serve --config " + begun)).containsExactly(file.toString());
        assertThat(completed("zsh", "lastref serve -Dlastref.tls.key=" + begun))
                .containsExactly("-Dlastref.tls.key=" + file + " ");
    }

    @Test
    void whatTakesNoSettingIsOfferedNone() throws Exception {
        assertThat(completed("bash", "lastref top -Dlastref.pool.b")).isEmpty();
        assertThat(completed("bash", "lastref top --o")).containsExactly("--once");
    }

    @Test
    void allKeysAreOffered() throws Exception {
        assertThat(completed("bash", "lastref serve -D"))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                Arrays.stream(Setting.values()).map(setting -> "-D" + setting.key() + "="),
                                Stream.of("-Dlastref.rules."))
                        .toList());
    }

    /** Of those that have no other, a word that is none is refused; and the reader's own words name each. */
    @ParameterizedTest
    @EnumSource(Setting.class)
    void whatIsOfferedIsTakenAndWhatIsExpectedIsOffered(Setting setting) {
        for (String word : setting.words()) {
            read(setting, word);
        }
        String expected = read(setting, setting.byDefault().isEmpty() ? "http://127.0.0.1:1" : setting.byDefault())
                .of(setting)
                .expected();
        if (expected.equals("true or false")) {
            assertThat(setting.words()).containsExactly("true", "false");
        }
        if (setting.words().size() > 1) {
            assertThat(setting.words()).allMatch(word -> expected.matches("(?s).*\\b" + word + "\\b.*"));
            Assertions.assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> read(setting, "?"));
        }
        boolean words = expected.matches("[a-z]+(, [a-z]+)* or [a-z]+");
        if (words) {
            assertThat(setting.words()).containsExactlyInAnyOrder(expected.split(", | or "));
        }
        assertThat(setting.isPath())
                .as(expected)
                .isEqualTo(expected.contains("PEM file")
                        || expected.contains("absolute path")
                        || expected.contains("path of a file"));
    }

    private static Configuration read(Setting setting, String value) {
        Map<String, String> settings = new java.util.HashMap<>(Map.of("lastref.origin", "http://127.0.0.1:1"));
        settings.put(setting.key(), value);
        if (setting == Setting.TLS_CERTIFICATE || setting == Setting.TLS_KEY) {
            settings.put("lastref.tls.certificate", value);
            settings.put("lastref.tls.key", value);
        }
        return ConfigLoader.read(new ConfigSources(null, Map.of(), settings));
    }

    @Test
    void theWordsOfTheCacheAreThoseOfItsOutcomes() {
        assertThat(LogFilter.CACHE_WORDS)
                .containsAll(Arrays.stream(dev.lastref.cache.Outcome.values())
                        .map(dev.lastref.cache.Outcome::label)
                        .toList());
    }
}
