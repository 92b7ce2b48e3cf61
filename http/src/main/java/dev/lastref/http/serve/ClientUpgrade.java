package dev.lastref.http.serve;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.message.Fields;
import dev.lastref.http.message.Protocols;
import dev.lastref.http.origin.OriginRequest;
import dev.lastref.http.origin.Tunnel;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's wish to speak another protocol on its connection, such as WebSocket (RFC 9110, section 7.8; RFC 6455). It is the origin's
 * to grant: with its 101 the two are joined; with any other answer the connection goes on as it was.
 */
final class ClientUpgrade implements OriginRequest.Upgrade {
    private static final AttachmentKey<ClientUpgrade> ASKED = AttachmentKey.create(ClientUpgrade.class);

    private final HttpServerExchange exchange;
    private final StrictSource source;
    private final List<String> protocols;

    private ClientUpgrade(HttpServerExchange exchange, StrictSource source, List<String> protocols) {
        this.exchange = exchange;
        this.source = source;
        this.protocols = protocols;
    }

    /** Notes that the exchange's request is one, unless something came behind it already. */
    static void note(HttpServerExchange exchange, StrictSource source) {
        HeaderValues lines = exchange.getRequestHeaders().get(Headers.UPGRADE);
        List<String> protocols = lines == null ? List.of() : Protocols.passable(lines);
        if (!protocols.isEmpty() && source.scanner().awaitsUpgrade()) {
            exchange.putAttachment(ASKED, new ClientUpgrade(exchange, source, protocols));
        }
        exchange.addExchangeCompleteListener((ended, next) -> {
            source.scanner().stayed(); // nothing to it if it was granted
            next.proceed();
        });
    }

    /** The one that an exchange's request asks for; null if it asks for none. */
    static @Nullable ClientUpgrade of(HttpServerExchange exchange) {
        return exchange.getAttachment(ASKED);
    }

    @Override
    public List<String> protocols() {
        return protocols;
    }

    @Override
    public void switched(FieldList fields, Tunnel tunnel) {
        if (exchange.isResponseStarted() || !exchange.getConnection().isOpen()) {
            tunnel.close(); // the client has gone meanwhile
            return;
        }
        exchange.getConnection().addCloseListener(gone -> tunnel.close());
        source.scanner().upgraded();
        HeaderMap headers = exchange.getResponseHeaders();
        Fields.addTo(headers, HopByHop.of(fields).strip(fields));
        headers.remove(Headers.CONTENT_LENGTH);
        ResponseFields.append(headers, ResponseFields.VIA, ResponseFields.VIA_US);
        exchange.upgradeChannel(fields.combined("Upgrade"), (client, ended) -> tunnel.connect(client));
        exchange.endExchange();
    }
}
