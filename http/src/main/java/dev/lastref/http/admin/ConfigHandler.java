package dev.lastref.http.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.RunningSettings;
import dev.lastref.http.log.ChangeLog;
import io.undertow.server.HttpServerExchange;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /api/config}: shows the settings with where each came from, and changes them. {@code /api/reload}: has the file read again.
 * Blocks, so it runs on a worker.
 */
final class ConfigHandler implements WithContent.Next {
    private final RunningSettings settings;
    private final JsonMapper json;
    /** Of a key that is there twice nobody knows which value is meant. */
    private final JsonMapper strict;

    ConfigHandler(RunningSettings settings, JsonMapper json) {
        this.settings = settings;
        this.json = json;
        this.strict = JsonMapper.builder(JsonFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .build();
    }

    /**
     * What became of a wish.
     *
     * @param changed the values that hold now, of those that changed
     * @param hidden what has changed in the file in vain, and which source has the value that holds
     */
    record Changed(
            Map<String, String> changed,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> hidden) {}

    @Override
    public void handle(HttpServerExchange exchange, byte[] content) {
        String method = exchange.getRequestMethod().toString();
        String how = method + " " + exchange.getRequestPath();
        try {
            Object answer = switch (method) {
                case "PUT" -> told(exchange, how, settings.put(changes(content)));
                case "POST" -> told(exchange, how, settings.reload());
                default -> settings.current().shown();
            };
            AdminHandler.send(exchange, AdminHandler.JSON, json.writeValueAsString(answer) + "\n");
        } catch (ConfigException e) {
            ChangeLog.refused(exchange, how, "nothing is changed: " + e.inOneSentence());
            exchange.setStatusCode(400);
            AdminHandler.send(exchange, AdminHandler.TEXT, "400: " + e.getMessage() + "\n");
        }
    }

    private static Changed told(HttpServerExchange exchange, String how, RunningSettings.Changes done) {
        ChangeLog.done(exchange, how, done.told());
        return new Changed(values(done.changed()), done.hidden());
    }

    private static Map<String, String> values(Map<String, Configuration.Effective> changes) {
        Map<String, String> values = new LinkedHashMap<>();
        changes.forEach((key, effective) -> values.put(key, effective.value()));
        return values;
    }

    private Map<String, @Nullable String> changes(byte[] body) {
        JsonNode given;
        try {
            given = strict.readTree(body);
        } catch (JacksonException e) {
            throw new ConfigException(JsonFault.told(e));
        }
        if (!given.isObject() || given.isEmpty()) {
            throw new ConfigException("expected a JSON object of settings, such as {\"lastref.pool.size\":\"64MiB\"}");
        }
        Map<String, @Nullable String> changes = new LinkedHashMap<>();
        given.properties().forEach(field -> changes.put(field.getKey(), text(field.getValue())));
        return changes;
    }

    private static @Nullable String text(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        return value.isValueNode() ? value.asString() : value.toString();
    }
}
