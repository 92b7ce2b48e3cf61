package dev.lastref.http.serve;

import dev.lastref.cache.Asked;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.ListField;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.cache.semantics.Validators;
import dev.lastref.http.http2.Http2Stream;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.log.RequestId;
import dev.lastref.http.origin.OriginRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a client's request into the one that the origin gets (RFC 9110, section 7.6). */
final class OriginRequests {
    /** A response that may be stored must be there, so the origin is asked as if the client had nothing yet. */
    private static final List<String> CONDITIONS = List.of("If-None-Match", "If-Modified-Since");
    /** Goes on only where the part that it asks for will do. */
    private static final List<String> RANGES = List.of("Range", "If-Range");
    /** What only the client who sent it asks for. */
    private static final List<String> FOR_ONE = List.of("If-Match", "If-Unmodified-Since");

    private OriginRequests() {}

    /**
     * The request that answers the client.
     *
     * @param attempt names the stored responses that the origin is asked about, if any
     */
    static OriginRequest of(HttpServerExchange exchange, Incoming incoming, Attempt attempt) {
        Asked asked = attempt.asked();
        RequestPolicy.Action action = incoming.policy().action();
        boolean whole = action == RequestPolicy.Action.LOOKUP || action == RequestPolicy.Action.REFRESH;
        FieldList.Builder fields = fields(exchange, incoming);
        if (whole) {
            CONDITIONS.forEach(fields::remove);
            if (!incoming.policy().asksForPart()) {
                RANGES.forEach(fields::remove);
            }
        }
        condition(fields, asked.stored());
        if (attempt.completion() != null) {
            attempt.completion().ask(fields);
        }
        if (!asked.variants().isEmpty()) {
            fields.set(
                    "If-None-Match",
                    Validators.tagsOf(asked.variants().stream()
                            .map(variant -> variant.fields())
                            .toList()));
        }
        OriginRequest.@Nullable Upgrade upgrade = ClientUpgrade.of(exchange);
        if (asked.key() == null && upgrade == null && ClientTrailers.arePromised(exchange)) {
            // Of who may share a response, or get it from the store, nobody can say that they will not drop them.
            fields.set("TE", "trailers");
            fields.set("Connection", "TE");
        }
        return new OriginRequest(
                incoming.method(),
                incoming.target(),
                fields.build(),
                content(exchange),
                InterimResponses.to(exchange),
                upgrade);
    }

    /** The request that brings a stored response up to date while the client is served with it. */
    static OriginRequest inBackground(HttpServerExchange exchange, Incoming incoming, StoredResponse validated) {
        FieldList.Builder fields = fields(exchange, incoming);
        CONDITIONS.forEach(fields::remove);
        RANGES.forEach(fields::remove);
        FOR_ONE.forEach(fields::remove);
        condition(fields, validated);
        return OriginRequest.inBackground("GET", incoming.target(), fields.build());
    }

    private static FieldList.Builder fields(HttpServerExchange exchange, Incoming incoming) {
        FieldList.Builder fields = incoming.fields().toBuilder();
        fields.remove("Content-Length");
        fields.remove("Expect"); // said again where there is content
        fields.set(RequestId.FIELD.toString(), RequestId.of(exchange));
        fields.set("Host", incoming.authority());
        String via = incoming.fields().combined("Via");
        String us = (Http2Stream.of(exchange) != null ? "2.0" : exchange.isHttp10() ? "1.0" : "1.1") + " lastref";
        fields.set("Via", ListField.added(via, us));
        return fields;
    }

    private static void condition(FieldList.Builder fields, @Nullable StoredResponse validated) {
        if (validated != null) {
            Validators.of(validated.fields()).addConditionsTo(fields);
        }
    }

    private static OriginRequest.@Nullable Content content(HttpServerExchange exchange) {
        if (exchange.isRequestComplete()) {
            return null;
        }
        StrictSource source = StrictSource.of(exchange);
        Http2Stream stream = Http2Stream.of(exchange);
        return new OriginRequest.Content(
                exchange.getRequestChannel(),
                exchange.getRequestContentLength(),
                exchange.getMaxEntitySize(),
                stream == null ? HttpContinue.requiresContinueResponse(exchange) : stream.awaitsContinue(),
                stream != null
                        ? stream::faultInContent
                        : source == null ? () -> null : source.scanner()::faultInContent);
    }
}
