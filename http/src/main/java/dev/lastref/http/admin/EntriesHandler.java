package dev.lastref.http.admin;

import dev.lastref.cache.Entry;
import dev.lastref.cache.Purge;
import dev.lastref.cache.ResponseCache;
import dev.lastref.http.message.WireText;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /api/entries?prefix=…&limit=…&sort=…}: what is stored, in no order unless one is asked for. Looks through the index, so it runs on a worker.
 */
final class EntriesHandler implements HttpHandler {
    private static final int LIMIT = 100;
    private static final int LARGEST_LIMIT = 10_000;

    private final ResponseCache cache;
    private final JsonMapper json;

    EntriesHandler(ResponseCache cache, JsonMapper json) {
        this.cache = cache;
        this.json = json;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        try {
            Parameters.expect(exchange, "prefix", "limit", "sort");
            int limit = Parameters.number(exchange, "limit", LIMIT, LARGEST_LIMIT);
            String prefix = Parameters.url(exchange, "prefix");
            Purge meant = Purge.prefix(prefix.isEmpty() ? "/" : prefix, false);
            String sort = Parameters.text(exchange, "sort");
            List<Entry> found =
                    sort.isEmpty() ? cache.entries(meant, limit + 1) : cache.entries(meant, order(sort), limit + 1);
            boolean more = found.size() > limit;
            List<Entry> shown = (more ? found.subList(0, limit) : found)
                    .stream().map(EntriesHandler::shown).toList();
            Page page = new Page(shown, more);
            AdminHandler.send(exchange, AdminHandler.JSON, json.writeValueAsString(page) + "\n");
        } catch (IllegalArgumentException e) {
            exchange.setStatusCode(400);
            AdminHandler.send(exchange, AdminHandler.TEXT, "400: " + e.getMessage() + "\n");
        }
    }

    /**
     * The answer.
     *
     * @param truncated whether there are more than {@code limit}
     */
    record Page(List<Entry> entries, boolean truncated) {}

    /** As people would write it, and {@code POST /api/purge} reads it. */
    private static Entry shown(Entry entry) {
        return new Entry(
                WireText.shown(entry.url()),
                WireText.shown(entry.variant()),
                entry.status(),
                entry.length(),
                entry.bytes(),
                entry.ageSeconds(),
                entry.ttlSeconds(),
                entry.hits(),
                entry.tags().stream().map(WireText::shown).toList());
    }

    private static Entry.Order order(String text) {
        return switch (text) {
            case "hits" -> Entry.Order.HITS;
            case "bytes" -> Entry.Order.BYTES;
            case "age" -> Entry.Order.AGE;
            default -> throw new IllegalArgumentException("sort is \"" + text + "\": expected hits, bytes or age");
        };
    }
}
