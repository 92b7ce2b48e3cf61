package dev.lastref.http.admin;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.RunningSettings;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/config}: shows the settings that may change while running, and changes them. Blocks, so it runs on a worker. */
final class ConfigHandler implements HttpHandler {
    private static final int LARGEST_BODY = 64 * 1024;

    private final RunningSettings settings;
    private final JsonMapper json;

    ConfigHandler(RunningSettings settings, JsonMapper json) {
        this.settings = settings;
        this.json = json;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals(Methods.PUT)) {
            try {
                settings.change(changes(exchange), "PUT /api/config");
            } catch (ConfigException e) {
                exchange.setStatusCode(400);
                AdminHandler.send(exchange, AdminHandler.TEXT, "400: " + e.getMessage() + "\n");
                return;
            }
        }
        AdminHandler.send(exchange, AdminHandler.JSON, json.writeValueAsString(settings.values()) + "\n");
    }

    private Map<String, String> changes(HttpServerExchange exchange) throws IOException {
        byte[] body = exchange.getInputStream().readNBytes(LARGEST_BODY);
        JsonNode given;
        try {
            given = json.readTree(body);
        } catch (JacksonException e) {
            throw new ConfigException("the body is no JSON: " + e.getOriginalMessage());
        }
        if (!given.isObject() || given.isEmpty()) {
            throw new ConfigException("expected a JSON object of settings, such as {\"lastref.pool.size\":\"64MiB\"}");
        }
        Map<String, String> changes = new LinkedHashMap<>();
        given.properties()
                .forEach(field -> changes.put(
                        field.getKey(),
                        field.getValue().isValueNode()
                                ? field.getValue().asString()
                                : field.getValue().toString()));
        return changes;
    }
}
