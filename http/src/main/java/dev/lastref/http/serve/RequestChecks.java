package dev.lastref.http.serve;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests whose end or whose meaning is in doubt, since the origin may see them otherwise than we do: that is how requests
 * are smuggled past a proxy (RFC 9112, sections 3.2, 6.1 and 6.3).
 */
final class RequestChecks {
    /** Why a request is refused, and with which status. */
    record Refusal(int status, String reason) {}

    private static final int MOST_TIMES_THROUGH_US = 5;

    private RequestChecks() {}

    static @Nullable Refusal refusalOf(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        HeaderValues codings = headers.get(Headers.TRANSFER_ENCODING);
        HeaderValues lengths = headers.get(Headers.CONTENT_LENGTH);
        HeaderValues hosts = headers.get(Headers.HOST);
        if (codings != null && lengths != null) {
            return new Refusal(400, "both Transfer-Encoding and Content-Length");
        }
        if (codings != null
                && (codings.size() != 1 || !codings.getFirst().strip().equalsIgnoreCase("chunked"))) {
            return new Refusal(501, "a transfer coding other than chunked");
        }
        if (codings != null && !exchange.isHttp11()) {
            return new Refusal(400, "a transfer coding in HTTP/1.0");
        }
        if (lengths != null && (lengths.size() != 1 || !isLength(lengths.getFirst()))) {
            return new Refusal(400, "a Content-Length that is not one number");
        }
        if (hosts != null && hosts.size() != 1) {
            return new Refusal(400, "more than one Host");
        }
        if (hosts == null && exchange.isHttp11()) {
            return new Refusal(400, "no Host");
        }
        if (timesThroughUs(headers) >= MOST_TIMES_THROUGH_US) {
            return new Refusal(
                    508,
                    "the request has come through lastref " + MOST_TIMES_THROUGH_US
                            + " times already: is the origin this sidecar itself?");
        }
        if (exchange.getRequestMethod().equals(Methods.CONNECT)) {
            return new Refusal(405, "CONNECT, which this cache does not offer");
        }
        return null;
    }

    /** Whether close is among the connection options; the server itself sees it only where it is the first and only one. */
    static boolean asksToClose(HttpServerExchange exchange) {
        HeaderValues options = exchange.getRequestHeaders().get(Headers.CONNECTION);
        return options != null
                && options.stream()
                        .flatMap(line -> Arrays.stream(line.split(",")))
                        .anyMatch(option -> option.strip().equalsIgnoreCase("close"));
    }

    /** Sidecars may stand in a row, but not in a ring. */
    private static long timesThroughUs(HeaderMap headers) {
        HeaderValues via = headers.get(ResponseFields.VIA);
        return via == null
                ? 0
                : via.stream()
                        .flatMap(line -> Arrays.stream(line.split(",")))
                        .filter(member -> member.strip().endsWith(" lastref"))
                        .count();
    }

    private static boolean isLength(String value) {
        return value.length() <= 18 && !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
