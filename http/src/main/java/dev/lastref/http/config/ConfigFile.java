package dev.lastref.http.config;

import dev.lastref.http.message.Reason;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A properties file, UTF-8, with or without a byte order mark, in which each key is once. */
final class ConfigFile {
    private static final String BYTE_ORDER_MARK = "\ufeff";

    private ConfigFile() {}

    /**
     * Its keys and values; throws a {@link ConfigException} if it cannot be read.
     *
     * @param unusable told of each key that is there again
     */
    static Map<String, String> read(Path file, List<ConfigException> unusable) {
        Map<String, String> values = new LinkedHashMap<>();
        String text = "";
        try {
            text = Utf8.text(Files.readAllBytes(file));
            Once lines = new Once(values, file.toString(), unusable);
            lines.load(new StringReader(
                    text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text));
        } catch (IOException e) {
            throw new ConfigException("cannot read the configuration file " + file + ": " + Reason.of(e));
        } catch (IllegalArgumentException e) { // an escape that is none
            throw new ConfigException("cannot read the configuration file " + file + ": " + Escapes.wrong(text));
        }
        return Collections.unmodifiableMap(values);
    }

    /** {@link Properties} says nothing of a key that it has twice, and keeps the last. */
    @SuppressWarnings("serial") // nobody writes it
    private static final class Once extends Properties {
        private final transient Map<String, String> values;
        private final transient String file;
        private final transient List<ConfigException> unusable;

        Once(Map<String, String> values, String file, List<ConfigException> unusable) {
            this.values = values;
            this.file = file;
            this.unusable = unusable;
        }

        @Override
        public synchronized Object put(Object key, Object value) {
            String before = values.putIfAbsent((String) key, (String) value);
            if (before != null) {
                unusable.add(ConfigException.twice((String) key, (String) value, file, before));
            }
            return value;
        }
    }
}
