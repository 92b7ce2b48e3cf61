package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorBudgetTest {
    private static DescriptorBudget budget(long limit, String... settings) {
        Map<String, String> all = new HashMap<>(Map.of("lastref.origin", "http://127.0.0.1:1"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return DescriptorBudget.of(ConfigLoader.load(null, Map.of(), all), limit);
    }

    @Test
    void itCountsClientsConnectionsToEachOriginAndTheSegmentsOfThePool() {
        DescriptorBudget budget = budget(
                1024,
                "lastref.origin",
                "http://127.0.0.1:1,http://127.0.0.1:2,http://127.0.0.1:3",
                "lastref.origin.connections",
                "100",
                "lastref.limits.connections",
                "5000",
                "lastref.pool.size",
                "64MiB",
                "lastref.pool.segment-size",
                "1MiB");
        assertThat(budget.needed()).isEqualTo(5000 + 3 * 100 + 2 * 64 + DescriptorBudget.OWN);
        assertThat(budget.sum())
                .isEqualTo("5556 = 5000 for clients (lastref.limits.connections) + 300 for origins"
                        + " (lastref.origin.connections for each) + 128 for segments of the pool + 128 of its own");
    }

    @ParameterizedTest
    @CsvSource({"555, false", "556, true", "1048576, true", "9223372036854775807, true"})
    void oneTooFewIsNotEnough(long limit, boolean enough) {
        DescriptorBudget budget = budget(
                limit,
                "lastref.limits.connections",
                "200",
                "lastref.origin.connections",
                "100",
                "lastref.pool.size",
                "64MiB",
                "lastref.pool.segment-size",
                "1MiB");
        assertThat(budget.isEnough()).isEqualTo(enough);
    }

    @Test
    void whatIsSetAsTheRemedySaysIsEnough() {
        String[] settings = {
            "lastref.origin.connections", "100", "lastref.pool.size", "64MiB", "lastref.pool.segment-size", "1MiB"
        };
        assertThat(budget(1024, settings).remedy())
                .contains("ulimit -n", "LimitNOFILE=", "or set lastref.limits.connections to at most 668");
        String[] followed = java.util.Arrays.copyOf(settings, settings.length + 2);
        followed[settings.length] = "lastref.limits.connections";
        followed[settings.length + 1] = "668";
        assertThat(budget(1024, followed).isEnough()).isTrue();
        assertThat(budget(300, settings).remedy())
                .as("fewer clients do not help where there are too few for all else")
                .doesNotContain("lastref.limits.connections");
    }
}
