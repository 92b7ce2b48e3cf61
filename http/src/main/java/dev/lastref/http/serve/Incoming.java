package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.PathRule;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.message.AddressText;
import dev.lastref.http.message.Fields;
import dev.lastref.http.message.RequestTarget;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A client's request, as the cache sees it. For the thread that runs the exchange. */
final class Incoming {
    private final HttpServerExchange exchange;
    private final String method;
    private final String scheme;
    private final String authority;
    private final String target;
    private final FieldList received;
    private final CacheKey key;
    private final RequestPolicy policy;
    private final EncodingChoice encodings;
    private final boolean saysForwarded;
    private final boolean answersGet;
    private final long startNanos = System.nanoTime();
    /** Most hits need none of it. */
    private @Nullable FieldList forwarded;

    private Incoming(
            HttpServerExchange exchange,
            String defaultAuthority,
            EncodingChoice encodings,
            PathRules paths,
            boolean saysForwarded) {
        this.encodings = encodings;
        this.saysForwarded = saysForwarded;
        this.exchange = exchange;
        this.method = exchange.getRequestMethod().toString();
        this.received = Fields.of(exchange.getRequestHeaders());
        String uri = exchange.getRequestURI();
        boolean absolute = exchange.isHostIncludedInRequestURI();
        this.scheme = scheme(exchange, received);
        this.authority = CacheKey.canonicalAuthority(host(exchange, defaultAuthority), scheme);
        String sent = target(exchange, absolute ? RequestTarget.pathOf(uri) : uri, absolute);
        PathRule rule = paths.of(authority, sent);
        String counting = rule == null ? sent : rule.query().apply(sent);
        this.target = method.equals("GET") || method.equals("HEAD") ? counting : sent;
        String keyed = ForwardedFields.keyOf(received, scheme, authority);
        this.key = CacheKey.of(method, scheme, authority, keyed.isEmpty() ? counting : counting + keyed);
        this.policy = ClientUpgrade.of(exchange) != null
                ? RequestPolicy.ofUpgrade(method, received)
                : rule != null && rule.pass()
                        ? RequestPolicy.ofPassed(method, received)
                        : RequestPolicy.of(method, received, !exchange.isRequestComplete());
        this.answersGet = policy.mayAnswerGet() && counting.equals(sent) && !ForwardedFields.overrideMethod(received);
    }

    /**
     * Whether the response to it may answer later GETs, if that response says so: not where it was chosen by what the key does not have,
     * be it parameters that do not count, or a field by which it is carried out as another method.
     */
    boolean mayAnswerGet() {
        return answersGet;
    }

    /**
     * Reads a request.
     *
     * @param defaultAuthority of one that names no host
     * @param paths what holds for its URL
     * @param saysForwarded whether the origin is sent an element of Forwarded
     */
    static Incoming of(
            HttpServerExchange exchange,
            String defaultAuthority,
            EncodingChoice encodings,
            PathRules paths,
            boolean saysForwarded) {
        return new Incoming(exchange, defaultAuthority, encodings, paths, saysForwarded);
    }

    String method() {
        return method;
    }

    /**
     * As the client named it: in the target, else as Host (RFC 9112, section 3.2.2); the origin's own if it named none (HTTP/1.0). In the
     * form that the key has: the origin may repeat it in its response, which is for all whose key is the same.
     */
    String authority() {
        return authority;
    }

    /** Path and query, as sent but for what a rule takes out of the query of a GET: what the origin is asked for, and what the key has. */
    String target() {
        return target;
    }

    /**
     * As the origin gets them, by which its response is chosen and Vary is to be read: hop-by-hop fields are gone, and
     * {@code X-Forwarded-For} and {@code -Proto} name this client too.
     */
    FieldList fields() {
        FieldList made = forwarded;
        if (made == null) {
            made = forwarded();
            made = policy.looksUp() ? encodings.apply(made) : made;
            forwarded = made;
        }
        return made;
    }

    CacheKey key() {
        return key;
    }

    RequestPolicy policy() {
        return policy;
    }

    /** When it came, by {@link System#nanoTime}. */
    long startNanos() {
        return startNanos;
    }

    /**
     * A trusted proxy's word, then the connection's. Not that of a target in absolute form: anybody could have a response to what seems
     * to come by https stored without it.
     */
    private static String scheme(HttpServerExchange exchange, FieldList received) {
        String before = received.first(ForwardedFields.PROTO);
        return before == null ? exchange.getRequestScheme() : before.toLowerCase(Locale.ROOT);
    }

    private FieldList forwarded() {
        String client = AddressText.of(exchange.getSourceAddress().getAddress());
        return ForwardedFields.towardsOrigin(received, client, scheme, authority, saysForwarded);
    }

    private static String host(HttpServerExchange exchange, String defaultAuthority) {
        String host = RequestTarget.hostOf(exchange);
        return host == null ? defaultAuthority : host;
    }

    private static String target(HttpServerExchange exchange, String path, boolean absolute) {
        String query = exchange.getQueryString();
        if (query.isEmpty()) {
            // OPTIONS without a path is about the server as a whole (RFC 9112, section 3.2.4).
            boolean server = absolute
                    && exchange.getRequestMethod().equals(Methods.OPTIONS)
                    && exchange.getRequestURI().endsWith(RequestTarget.authorityOf(exchange.getRequestURI()));
            return server ? "*" : path;
        }
        return path + "?" + query;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** The key of the stored response that this request makes invalid, if it succeeds; null if it makes none so. */
    @Nullable
    CacheKey invalidatedKey() {
        return policy.invalidates() ? CacheKey.of("GET", key.scheme(), key.authority(), key.target()) : null;
    }
}
