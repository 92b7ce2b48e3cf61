package dev.lastref.http.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** The settings of a running sidecar that may change: their values now, and how each is changed. All threads. */
public final class RunningSettings {
    private final LongSupplier poolSize;
    private final LongConsumer resizePool;

    /**
     * @param poolSize bytes that the pool was last told to have
     * @param resizePool tells it another number; throws IllegalArgumentException for one that it cannot have
     */
    public RunningSettings(LongSupplier poolSize, LongConsumer resizePool) {
        this.poolSize = poolSize;
        this.resizePool = resizePool;
    }

    /** The values now, by key; sizes in bytes. */
    public Map<String, Long> values() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put(Setting.POOL_SIZE.key(), poolSize.getAsLong());
        return values;
    }

    /**
     * Changes settings.
     *
     * @param changes full keys and values, each as in a file
     * @param source who asks, for the error
     * @throws ConfigException if one of them is not known, cannot change or cannot be used; then none is changed
     */
    public void change(Map<String, String> changes, String source) {
        changes.forEach((key, value) -> {
            Setting setting = Setting.ofKey(key)
                    .orElseThrow(() -> ConfigException.unknown(key, value, source, Setting.nearest(key)));
            if (setting != Setting.POOL_SIZE) {
                throw ConfigException.of(
                        key,
                        value,
                        source,
                        "no change: only " + Setting.POOL_SIZE.key() + " changes while running; restart for this");
            }
        });
        String size = changes.get(Setting.POOL_SIZE.key());
        if (size != null) {
            resizePool(size, source);
        }
    }

    private void resizePool(String size, String source) {
        String key = Setting.POOL_SIZE.key();
        long bytes;
        try {
            bytes = Units.size(size);
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(key, size, source, Units.SIZE_EXPECTED);
        }
        try {
            resizePool.accept(bytes);
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(key, size, source, "more (" + e.getMessage() + ")");
        }
    }
}
