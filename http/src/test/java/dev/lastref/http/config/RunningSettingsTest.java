package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.http.config.RunningSettings.Part;
import dev.lastref.http.config.RunningSettings.Step;
import java.util.Map;
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
}
