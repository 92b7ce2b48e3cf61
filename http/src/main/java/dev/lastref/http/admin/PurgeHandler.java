package dev.lastref.http.admin;

import dev.lastref.cache.Purge;
import dev.lastref.cache.ResponseCache;
import dev.lastref.http.log.ChangeLog;
import dev.lastref.http.message.WireText;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /api/purge}: purges, and answers when it is done, with how many responses were meant. Looks through the index, so it
 * runs on a worker.
 */
final class PurgeHandler implements WithContent.Next {
    private static final String EXPECTED = "expected one of {\"url\":…}, {\"tag\":…}, {\"prefix\":…}, {\"host\":…} or"
            + " {\"all\":true}, and \"soft\":true beside it if the responses are only to be stale";

    private static final Map<String, BiFunction<String, Boolean, Purge>> BY_NAME =
            Map.of("url", Purge::url, "tag", Purge::tag, "prefix", Purge::prefix, "host", Purge::host);

    private final ResponseCache cache;
    private final JsonMapper json;

    PurgeHandler(ResponseCache cache, JsonMapper json) {
        this.cache = cache;
        this.json = json;
    }

    @Override
    public void handle(HttpServerExchange exchange, byte[] content) {
        try {
            JsonNode given = object(content);
            Purge purge = read(given);
            long purged = cache.purge(purge);
            ChangeLog.done(exchange, "POST /api/purge", given + ": responses purged: " + purged);
            AdminHandler.send(
                    exchange,
                    AdminHandler.JSON,
                    json.writeValueAsString(new Purged(purge.kind().label(), purged, purge.soft())) + "\n");
        } catch (IllegalArgumentException e) {
            exchange.setStatusCode(400);
            AdminHandler.send(exchange, AdminHandler.TEXT, "400: " + e.getMessage() + "\n");
        }
    }

    /** What the answer says. */
    record Purged(String by, long purged, boolean soft) {}

    private JsonNode object(byte[] body) {
        JsonNode given;
        try {
            given = json.readTree(body);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(JsonFault.told(e) + "; " + EXPECTED);
        }
        if (!given.isObject()) {
            throw new IllegalArgumentException("the body is no JSON object; " + EXPECTED);
        }
        return given;
    }

    private static Purge read(JsonNode given) {
        Set<String> names = new TreeSet<>(given.propertyNames());
        boolean soft = isTrue(given, "soft");
        names.remove("soft");
        if (names.equals(Set.of("all")) && isTrue(given, "all")) {
            return Purge.all(soft);
        }
        String name = names.size() == 1 ? List.copyOf(names).get(0) : "";
        BiFunction<String, Boolean, Purge> by = BY_NAME.get(name);
        if (by == null || !given.get(name).isString()) {
            throw new IllegalArgumentException("the body is " + given + "; " + EXPECTED);
        }
        String text = given.get(name).asString();
        boolean url = name.equals("url") || name.equals("prefix");
        return by.apply(url ? WireText.ofUrl(text) : WireText.of(text), soft);
    }

    private static boolean isTrue(JsonNode given, String name) {
        JsonNode value = given.get(name);
        if (value != null && !value.isBoolean()) {
            throw new IllegalArgumentException(name + " is " + value + ", neither true nor false; " + EXPECTED);
        }
        return value != null && value.asBoolean();
    }
}
