package dev.lastref.http.config;

/** A setting that cannot be used: the message names key, value, where it was set, and what was expected. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }

    static ConfigException unknown(String key, String value, String source, String nearest) {
        return of(key, value, source, "a known key; the nearest is " + nearest);
    }

    static ConfigException of(String key, String value, String source, String expected) {
        return new ConfigException(key + " = \"" + value + "\" (" + source + "): expected " + expected);
    }
}
