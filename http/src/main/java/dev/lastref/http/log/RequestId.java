package dev.lastref.http.log;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HttpString;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * {@code X-Request-Id}, by which one request is found again in the logs of all that it went through: the client's, or one made here. It
 * is made when somebody will write it down, the origin or the access log, and kept among the request's fields.
 */
public final class RequestId {
    public static final HttpString FIELD = new HttpString("X-Request-Id");

    private static final int LONGEST = 128;
    private static final HexFormat HEX = HexFormat.of();

    private RequestId() {}

    /** The request's, made if need be. On the thread that runs the exchange. */
    public static String of(HttpServerExchange exchange) {
        String given = existing(exchange);
        if (given != null) {
            return given;
        }
        String made = make();
        exchange.getRequestHeaders().put(FIELD, made);
        return made;
    }

    /** A new one, for a request that has none. */
    public static String make() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong());
    }

    /** Has the response say the request's, if it has one, and no other's that was stored with it. */
    public static void answer(HttpServerExchange exchange) {
        String id = existing(exchange);
        HeaderMap headers = exchange.getResponseHeaders();
        if (id == null) {
            headers.remove(FIELD);
        } else {
            headers.put(FIELD, id);
        }
    }

    private static @Nullable String existing(HttpServerExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst(FIELD);
        return given != null && isGood(given) ? given : null;
    }

    /** It is not part of the key, and applications print it: so nothing but letters, digits and a few signs that mean nothing to HTML. */
    public static boolean isGood(String id) {
        if (id.isEmpty() || id.length() > LONGEST) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean good = (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || "-_.:/+=@".indexOf(c) >= 0;
            if (!good) {
                return false;
            }
        }
        return true;
    }
}
