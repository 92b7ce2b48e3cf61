package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.http.config.RunningSettings.Part;
import dev.lastref.http.config.RunningSettings.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
}
