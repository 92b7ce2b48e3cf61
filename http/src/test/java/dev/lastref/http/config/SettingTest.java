package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SettingTest {
    /** What users type, and what they get if they do not. Neither may change. */
    @ParameterizedTest
    @CsvSource({
        "lastref.listen, 0.0.0.0:8080, LASTREF_LISTEN",
        "lastref.origin, '', LASTREF_ORIGIN",
        "lastref.admin, 127.0.0.1:9090, LASTREF_ADMIN",
        "lastref.pool.size, 256MiB, LASTREF_POOL_SIZE",
        "lastref.pool.segment-size, auto, LASTREF_POOL_SEGMENT_SIZE",
        "lastref.pool.pin-timeout, 60s, LASTREF_POOL_PIN_TIMEOUT",
        "lastref.transmit.sendfile-min, 128KiB, LASTREF_TRANSMIT_SENDFILE_MIN",
        "lastref.transmit.unsent-limit, 512KiB, LASTREF_TRANSMIT_UNSENT_LIMIT",
        "lastref.cache.max-object, 64MiB, LASTREF_CACHE_MAX_OBJECT",
        "lastref.cache.default-ttl, 0s, LASTREF_CACHE_DEFAULT_TTL",
        "lastref.cache.negative-ttl, 0s, LASTREF_CACHE_NEGATIVE_TTL",
        "lastref.shutdown.grace, 10s, LASTREF_SHUTDOWN_GRACE",
    })
    void theContractsKeysHaveItsDefaults(String key, String byDefault, String environmentName) {
        Setting setting = Setting.ofKey(key).orElseThrow();
        assertThat(setting.byDefault()).isEqualTo(byDefault);
        assertThat(setting.environmentName()).isEqualTo(environmentName);
    }

    @ParameterizedTest
    @EnumSource
    void eachIsFoundByEachOfItsNames(Setting setting) {
        assertThat(setting.key()).startsWith(Setting.PREFIX).matches("[a-z0-9.-]+");
        assertThat(setting.environmentName()).matches("LASTREF(_[A-Z0-9]+)+");
        assertThat(setting.meaning()).isNotBlank();
        assertThat(Setting.ofKey(setting.key())).contains(setting);
        assertThat(Setting.ofEnvironmentName(setting.environmentName())).contains(setting);
    }

    /** What is expected is said where the value is read; so each one is read. */
    @ParameterizedTest
    @EnumSource
    void eachSaysWhatIsExpected(Setting setting) {
        Configuration all = ConfigLoader.read(new ConfigSources(
                null, java.util.Map.of(), java.util.Map.of(Setting.ORIGIN.key(), "http://127.0.0.1:1")));
        assertThat(all.of(setting).expected()).isNotBlank();
    }

    @Test
    void noTwoShareAName() {
        assertThat(Setting.keys()).doesNotHaveDuplicates();
        assertThat(Arrays.stream(Setting.values()).map(Setting::environmentName))
                .doesNotHaveDuplicates()
                .noneMatch(name -> ForeignVariables.contain(name, "tcp://10.0.0.1:80"));
    }
}
