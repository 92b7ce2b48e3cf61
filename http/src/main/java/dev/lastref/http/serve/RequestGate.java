package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.log.Refusal;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.message.RequestScanner;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

/**
 * What an intermediary has to do before it may think about caching (RFC 9110, section 7): refuse what is not for it, take out what a
 * client must not say, answer what it is the last recipient of, and give the target back the question marks that the
 * server dropped. Runs on I/O threads and never blocks.
 */
public final class RequestGate implements HttpHandler {
    private static final HttpString MAX_FORWARDS = new HttpString("Max-Forwards");
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private final ForwardedFields forwarded;
    private final long mostContent;
    private final Refusals refusals;
    private final HttpHandler next;

    /**
     * @param forwarded says which fields of which clients count
     * @param mostContent bytes of content that a request may have
     * @param refusals counts those that are refused
     */
    public RequestGate(ForwardedFields forwarded, long mostContent, Refusals refusals, HttpHandler next) {
        this.forwarded = forwarded;
        this.mostContent = mostContent;
        this.refusals = refusals;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        StrictSource source = StrictSource.of(exchange);
        int facts = source == null ? 0 : source.scanner().takeFacts();
        RequestChecks.Refusal refusal = RequestChecks.refusalOf(exchange);
        if (refusal != null) {
            refuse(exchange, refusal);
            return;
        }
        if (RequestChecks.asksToClose(exchange)) {
            exchange.setPersistent(false);
        }
        restoreTarget(exchange, facts);
        if (!exchange.isRequestComplete()) {
            if (exchange.getRequestContentLength() > mostContent) {
                refuse(exchange, new RequestChecks.Refusal(413, "more content than " + mostContent + " bytes", true));
                return;
            }
            exchange.setMaxEntitySize(mostContent); // is looked at where it is read
        }
        forwarded.filter(exchange);
        if (exchange.getRequestMethod().equals(Methods.OPTIONS) && isLastRecipient(exchange.getRequestHeaders())) {
            exchange.getResponseHeaders().put(Headers.ALLOW, METHODS);
            exchange.setResponseContentLength(0);
            exchange.endExchange();
            return;
        }
        if (source != null && (facts & RequestScanner.UPGRADE) != 0) {
            ClientUpgrade.note(exchange, source);
        }
        next.handleRequest(exchange);
    }

    private static void restoreTarget(HttpServerExchange exchange, int facts) {
        String dropped = ((facts & RequestScanner.EMPTY_QUERY) != 0 ? "?" : "")
                + ((facts & RequestScanner.QUESTION_DROPPED) != 0 ? "?" : "");
        if (!dropped.isEmpty()) {
            exchange.setRequestURI(exchange.getRequestURI() + dropped, exchange.isHostIncludedInRequestURI());
        }
    }

    private void refuse(HttpServerExchange exchange, RequestChecks.Refusal refusal) {
        refusals.count(Refusal.of(refusal.status()));
        // What there may be of content is not read.
        exchange.setPersistent(exchange.isPersistent() && exchange.isRequestComplete() && !refusal.ends());
        if (refusal.status() == 405) {
            exchange.getResponseHeaders().put(Headers.ALLOW, METHODS);
        }
        ErrorResponse.send(
                exchange, refusal.status(), refusal.reason(), CacheStatus.none().detail("refused"));
    }

    /** Counts Max-Forwards down (RFC 9110, section 7.6.2). A value that is no number says nothing. */
    private static boolean isLastRecipient(HeaderMap headers) {
        String value = headers.getFirst(MAX_FORWARDS);
        if (value == null || value.isEmpty() || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        long left = value.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(value);
        if (left > 0) {
            headers.put(MAX_FORWARDS, left - 1);
        }
        return left == 0;
    }
}
