package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lastref.http.config.RunningSettings.Part;
import dev.lastref.http.config.RunningSettings.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen of it from outside is in {@code dev.lastref.http.ReloadTest}. */
class RunningSettingsTest {
    /** Counts what is renewed, and has nothing to take. */
    private static final class Renewed implements Part {
        private int times;

        @Override
        public Step prepare(SidecarConfig next) {
            return () -> {};
        }

        @Override
        public String renew() {
            times++;
            return "renewed";
        }
    }

    /** A log file that was moved away is opened anew, though a part has a fault of ours. */
    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, AssertionError.class, ConfigException.class})
    void whatAReloadRenewsIsRenewedHoweverItFails(Class<? extends Throwable> failure) {
        RunningSettings settings = new RunningSettings(
                ConfigLoader.read(new ConfigSources(null, Map.of(), Map.of("lastref.origin", "http://127.0.0.1:1"))),
                applied -> assertThat(applied).isFalse());
        Renewed log = new Renewed();
        settings.add(log);
        settings.add(next -> {
            if (failure == AssertionError.class) {
                throw new AssertionError("a fault");
            }
            throw failure == ConfigException.class
                    ? new ConfigException("a fault")
                    : new IllegalStateException("a fault");
        });
        assertThatThrownBy(settings::reload).isInstanceOf(failure).hasMessageContaining("a fault");
        assertThat(log.times).isEqualTo(1);
    }

    /** At the next start nothing hides it any more, and it would end with that. */
    @Test
    void aValueOfNoUseIsNamedByAReloadThoughAPutHidesIt(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("lastref.properties");
        Files.writeString(file, "lastref.origin = http://127.0.0.1:1\nlastref.pool.size = 16MiB\n");
        RunningSettings settings =
                new RunningSettings(ConfigLoader.read(new ConfigSources(file, Map.of(), Map.of())), applied -> {});
        settings.put(Map.of("lastref.pool.size", "20MiB"));
        Files.writeString(file, "lastref.origin = http://127.0.0.1:1\nlastref.pool.size = -1\n");
        assertThatThrownBy(settings::reload)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("lastref.pool.size = \"-1\"", file.toString());
        Files.writeString(file, "lastref.origin = http://127.0.0.1:1\nlastref.pool.size = 24MiB\n");
        assertThat(settings.reload().hidden()).containsOnlyKeys("lastref.pool.size");
        assertThat(settings.current().config().poolSize()).isEqualTo(20 << 20);
    }

    private static RunningSettings started(Path file) {
        return new RunningSettings(ConfigLoader.read(new ConfigSources(file, Map.of(), Map.of())), applied -> {});
    }

    private static List<String> refusals(ThrowingCallable change) {
        return catchThrowableOfType(ConfigException.class, change).each();
    }

    /** Who mends what cannot be used, and is told only then that the rest needs a restart, asks twice. */
    @Test
    void whatCannotBeUsedAndWhatCannotChangeAreNamedAtOnce(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("lastref.properties");
        String usable = "lastref.origin = http://127.0.0.1:1\nlastref.rules.api.path = /api/*\n";
        Files.writeString(file, usable);
        RunningSettings settings = started(file);

        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("lastref.pool.size", "-1");
        wanted.put("lastref.listen", "127.0.0.1:1234");
        wanted.put("lastref.admin", "nowhere");
        wanted.put("lastref.rules.api.tags", "some");
        wanted.put("lastref.rules.api.ttl", "soon");
        wanted.put("lastref.origins", "http://127.0.0.1:2");
        List<String> refused = refusals(() -> settings.put(wanted));
        assertThat(refused)
                .as("each of them once")
                .hasSameSizeAs(wanted.keySet())
                .anyMatch(line -> line.startsWith("lastref.pool.size = \"-1\" (PUT /api/config): expected at least"))
                .anyMatch(line -> line.matches("lastref.listen = \"127.0.0.1:1234\" .*restart with it"))
                .anyMatch(line -> line.startsWith("lastref.admin = \"nowhere\"") && !line.contains("restart"))
                .anyMatch(line -> line.matches("lastref.rules.api.tags = \"some\" .*restart with it"))
                .anyMatch(line -> line.startsWith("lastref.rules.api.ttl = \"soon\""))
                .anyMatch(line -> line.startsWith("lastref.origins = "));
        assertThat(settings.current().sources().put()).isEmpty();

        Files.writeString(
                file,
                usable.replace("/api/*", "")
                        + "lastref.pool.size = -1\nlastref.shutdown.grace = 1s\nlastref.listen = 127.0.0.1:1234\n");
        assertThat(refusals(settings::reload))
                .anyMatch(line -> line.startsWith("lastref.pool.size = \"-1\" (" + file))
                .anyMatch(line -> line.matches("lastref.listen = \"127.0.0.1:1234\" .*restart with it"));
    }

    /** Read with what was put and without it, as a reload does. */
    @Test
    void aReloadNamesEachValueOfNoUseOnce(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("lastref.properties");
        String usable = "lastref.origin = http://127.0.0.1:1\n";
        Files.writeString(file, usable);
        RunningSettings settings = started(file);
        settings.put(Map.of("lastref.pool.size", "20MiB"));
        Files.writeString(
                file,
                usable + "lastref.pool.size = -1\nlastref.cache.default-ttl = soon\nlastref.listen = 127.0.0.1:1234\n");
        assertThat(refusals(settings::reload))
                .hasSize(3)
                .anyMatch(line -> line.startsWith("lastref.pool.size = \"-1\" (" + file))
                .anyMatch(line -> line.startsWith("lastref.cache.default-ttl = \"soon\" (" + file))
                .anyMatch(line -> line.matches("lastref.listen = \"127.0.0.1:1234\" .*restart with it"));
        assertThat(settings.current().config().poolSize()).isEqualTo(20 << 20);
    }
}
