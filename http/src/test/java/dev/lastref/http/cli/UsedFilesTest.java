package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A start with a setting that names a file which is of no use; one that succeeds would serve until it is interrupted. */
@Timeout(120)
class UsedFilesTest {
    @TempDir
    Path directory;

    private final StringWriter err = new StringWriter();

    private int serve(String... settings) {
        List<String> arguments = new ArrayList<>(List.of("serve", "--listen=127.0.0.1:0", "--admin=127.0.0.1:0"));
        if (Arrays.stream(settings).noneMatch(setting -> setting.startsWith("origin="))) {
            arguments.add("--origin=http://127.0.0.1:1");
        }
        for (String setting : settings) {
            arguments.add("-Dlastref." + setting.replace("DIR", directory.toString()));
        }
        CommandLine command = Main.commandLine();
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls.certificate | tls.certificate=DIR/no.crt | tls.key=DIR/no.key",
                "tls.key | tls.certificate=DIR/there | tls.key=DIR/no.key",
                "admin.token-file | admin.token-file=DIR/no | pool.size=8MiB",
                "origin.ca | origin.ca=DIR/no | origin=https://127.0.0.1:1",
                "access-log | access-log=DIR/no/log | pool.size=8MiB",
            })
    void aFileThatIsMissingIsToldWithItsSettingItsSourceAndWhy(String key, String first, String second)
            throws Exception {
        Files.writeString(directory.resolve("there"), "there");
        assertThat(serve(first, second)).as(err.toString()).isEqualTo(2);
        assertThat(err.toString())
                .contains("lastref." + key + " = \"" + directory, "(command line)")
                .containsIgnoringCase("no such file")
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "http"})
    void aFileThatIsSomethingElseIsToldInTheSameWayWhetherItIsNeededYetOrNot(String scheme) throws Exception {
        Files.writeString(directory.resolve("ca"), "garbage");
        assertThat(serve("origin.ca=DIR/ca", "origin=" + scheme + "://127.0.0.1:1"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("lastref.origin.ca = \"" + directory.resolve("ca") + "\" (command line)");
    }
}
