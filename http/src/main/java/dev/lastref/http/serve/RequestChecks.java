package dev.lastref.http.serve;

import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.http.message.Fields;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that are well framed and still not for us: methods for tunnels and for seeing what proxies add, expectations that
 * nobody here can meet, and what comes back to us again and again.
 */
final class RequestChecks {
    /**
     * Why a request is refused, and with which status.
     *
     * @param ends whether nothing that follows on the connection is to be believed
     */
    record Refusal(int status, String reason, boolean ends) {
        Refusal(int status, String reason) {
            this(status, reason, false);
        }
    }

    private static final int MOST_TIMES_THROUGH_US = 5;

    private RequestChecks() {}

    static @Nullable Refusal refusalOf(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        HttpString method = exchange.getRequestMethod();
        if (method.equals(Methods.CONNECT)) {
            return new Refusal(405, "CONNECT, which this cache does not offer", true);
        }
        if (method.equals(Methods.TRACE)) {
            return new Refusal(405, "TRACE, which shows clients what is between them and the origin");
        }
        HeaderValues expectations = exchange.isHttp10() ? null : headers.get(Headers.EXPECT);
        if (expectations != null && !expectations.stream().allMatch(RequestChecks::isContinue)) {
            return new Refusal(417, "an expectation other than 100-continue");
        }
        if (nominatesOthersFields(headers)) {
            return new Refusal(400, "a Connection that names a field which is not about the connection", true);
        }
        if (timesThroughUs(headers) >= MOST_TIMES_THROUGH_US) {
            return new Refusal(
                    508,
                    "the request has come through lastref " + MOST_TIMES_THROUGH_US
                            + " times already: is the origin this sidecar itself?");
        }
        return null;
    }

    /** RFC 9110, section 7.6.1. Most requests name no field at all. */
    private static boolean nominatesOthersFields(HeaderMap headers) {
        HeaderValues options = headers.get(Headers.CONNECTION);
        return options != null
                && !(options.size() == 1 && isOrdinary(options.getFirst()))
                && HopByHop.misuses(Fields.of(headers));
    }

    private static boolean isOrdinary(String option) {
        return option.equalsIgnoreCase("keep-alive")
                || option.equalsIgnoreCase("close")
                || option.equalsIgnoreCase("upgrade");
    }

    private static boolean isContinue(String expectation) {
        return Arrays.stream(expectation.split(","))
                .allMatch(member -> member.strip().equalsIgnoreCase("100-continue"));
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
}
