package dev.lastref.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;

/** Counts changes of the settings, and remembers whether the last one was taken. */
final class ConfigMetrics {
    private final Counter.Child applied;
    private final Counter.Child refused;
    private final Gauge lastApplied;

    ConfigMetrics(CollectorRegistry registry) {
        Counter changes = Counter.build(
                        "lastref_config_changes", "Changes of the settings while running, by whether they were taken.")
                .labelNames("outcome")
                .register(registry);
        applied = changes.labels("applied");
        refused = changes.labels("refused");
        lastApplied = Gauge.build(
                        "lastref_config_last_change_successful",
                        "1 if the last change of the settings was taken, or there was none; else 0.")
                .register(registry);
        lastApplied.set(1);
    }

    void changed(boolean taken) {
        (taken ? applied : refused).inc();
        lastApplied.set(taken ? 1 : 0);
    }
}
