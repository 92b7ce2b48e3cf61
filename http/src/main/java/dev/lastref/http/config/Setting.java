package dev.lastref.http.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The keys that a user may set, with their defaults and what each means. The one list of them. */
public enum Setting {
    LISTEN("listen", "0.0.0.0:8080", "where clients connect"),
    ORIGIN(
            "origin",
            "",
            "the origin's base URL; required. Several, with commas between them, are balanced (fewest running requests first) and"
                    + " health-checked"),
    ADMIN("admin", "127.0.0.1:9090", "where metrics, health and the API are; never on the client port"),
    POOL_SIZE(
            "pool.size",
            "256MiB",
            "hard bound on tmpfs memory, what is draining included. A larger pool has the room at once; a smaller one evicts, and"
                    + " shrinks as fast as the kernel proves that memory is free"),
    POOL_BACKING(
            "pool.backing", "memfd", "where the pool's files are: memfd, or directory, for where memfd is forbidden"),
    POOL_DIRECTORY(
            "pool.directory", "/dev/shm/lastref", "on a tmpfs, for the backing directory; made where it is missing"),
    POOL_SEGMENT_SIZE(
            "pool.segment-size",
            "auto",
            "size of one tmpfs file; auto: about 1/256 of the pool, from 256KiB to 8MiB, or more of that where fewer files may be open. One of which the pool would"
                    + " need more files than may be open is refused at the start"),
    POOL_PIN_TIMEOUT(
            "pool.pin-timeout",
            "60s",
            "a client that holds pages longer without taking a byte is reset; who is slow and moves is not"),
    MEMORY_LIMIT(
            "memory.limit",
            "auto",
            "what the process may use, its pool included, heap, sockets and all; a pool that does not fit is refused. auto: what the"
                    + " cgroup allows, or the machine has; none: nothing is refused"),
    TRANSMIT_SENDFILE_MIN(
            "transmit.sendfile-min",
            "128KiB",
            "what is shorter is copied from the mapping, in one call with its head; so is what is fetched for a client, unless it falls"
                    + " behind by 1 MiB"),
    TRANSMIT_UNSENT_LIMIT(
            "transmit.unsent-limit",
            "512KiB",
            "bytes that the kernel queues unsent for one client (TCP_NOTSENT_LOWAT)"),
    CACHE_MAX_OBJECT("cache.max-object", "64MiB", "larger bodies stream past the pool"),
    CACHE_HEAP(
            "cache.heap",
            "auto",
            "what stored responses may take of the heap: keys, heads, tags; where they would take more, the least used go, whatever room the"
                    + " pool has. Less while connections and requests hold much of it. auto: two thirds of what -Xmx leaves beside 32 MiB"),
    CACHE_DEFAULT_TTL(
            "cache.default-ttl",
            "0s",
            "lifetime of a successful response that is silent about it; 0: guessed from Last-Modified"),
    CACHE_NEGATIVE_TTL("cache.negative-ttl", "0s", "the same for 404, 405, 410, 414 and 501"),
    CACHE_HEURISTIC_MAX(
            "cache.heuristic-max", "1d", "the longest lifetime that is guessed from Last-Modified; 0: none is guessed"),
    CACHE_KEEP(
            "cache.keep",
            "10m",
            "how long at most a response that can be validated is kept after it became stale: as long as it was fresh, and at"
                    + " least 5 s"),
    CACHE_STALE_WHILE_REVALIDATE(
            "cache.stale-while-revalidate",
            "0s",
            "how long past its lifetime a response is served while it is renewed, where it does not say so itself"),
    CACHE_STALE_IF_ERROR(
            "cache.stale-if-error", "0s", "the same for an origin that fails or answers 500, 502, 503 or 504"),
    CACHE_SET_COOKIE(
            "cache.set-cookie",
            "explicit",
            "which responses with Set-Cookie are stored: explicit, those that name a lifetime; shared, only with public, s-maxage"
                    + " or a targeted field; never"),
    CACHE_TARGETS(
            "cache.targets",
            "CDN-Cache-Control,Surrogate-Control",
            "response fields that go before Cache-Control, the first that is there; or none"),
    CACHE_ACCEPT_ENCODING(
            "cache.accept-encoding",
            "none",
            "the codings that the origin chooses among, the preferred one first, such as br,gzip: Accept-Encoding is reduced to"
                    + " one of them, so that fewer variants are stored"),
    CACHE_COLLAPSE_TIMEOUT(
            "cache.collapse-timeout",
            "10s",
            "how long a request waits for a response that another one asked for to begin"),
    CACHE_STATUS_KEY("cache.status-key", "false", "whether Cache-Status names the key"),
    TLS_CERTIFICATE(
            "tls.certificate",
            "none",
            "PEM file with the certificate for clients, its chain behind it: then lastref.listen speaks TLS 1.2 and 1.3. Read again"
                    + " when it changes. Of several, with commas between them, a client gets the one for the name that it asks for"
                    + " (SNI), and the first where there is none"),
    TLS_KEY(
            "tls.key",
            "none",
            "PEM file with the certificate's private key: PKCS #8, PKCS #1 or SEC 1, not encrypted. As many as certificates, in"
                    + " their order"),
    LISTEN_HTTP2(
            "listen.http2",
            "true",
            "whether clients may speak HTTP/2: over TLS where they ask for it, else with prior knowledge"),
    PROXY_PROTOCOL(
            "proxy-protocol",
            "none",
            "networks of proxies that begin each connection with a PROXY header, version 1 or 2; without one it is closed"),
    ORIGIN_CONNECT_TIMEOUT("origin.connect-timeout", "5s", "how long connecting to the origin may take"),
    ORIGIN_FIRST_BYTE_TIMEOUT("origin.first-byte-timeout", "60s", "how long the origin may take to begin its response"),
    ORIGIN_IDLE_TIMEOUT("origin.idle-timeout", "60s", "how long the origin may pause within a response"),
    ORIGIN_CONNECTIONS("origin.connections", "1024", "requests that run at one origin at a time; more wait"),
    ORIGIN_QUEUE("origin.queue", "1024", "requests that wait for one origin; more get 503"),
    ORIGIN_QUEUE_TIMEOUT("origin.queue-timeout", "5s", "how long a request waits for an origin, before it gets 503"),
    ORIGIN_HEALTH_PATH(
            "origin.health.path",
            "none",
            "asked for to check an origin, 200 to 399 is good; none: it is only connected to"),
    ORIGIN_HEALTH_INTERVAL(
            "origin.health.interval",
            "5s",
            "time between checks, made where there are several origins, or a path, or lastref.ready.origin is always; 0: none"),
    ORIGIN_HEALTH_TIMEOUT("origin.health.timeout", "2s", "how long a check may take"),
    ORIGIN_HEALTH_DOWN_AFTER(
            "origin.health.down-after", "3", "failed checks in a row after which an origin is not asked"),
    ORIGIN_HEALTH_UP_AFTER("origin.health.up-after", "2", "good checks in a row after which it is asked again"),
    ORIGIN_EJECT_AFTER(
            "origin.eject-after",
            "5",
            "requests in a row that an origin fails before another one is asked instead; 0: never"),
    ORIGIN_EJECT_TIME("origin.eject-time", "5s", "for how long; doubled each time that it fails right afterwards"),
    ORIGIN_CA(
            "origin.ca",
            "system",
            "PEM file with the authorities that https origins are believed on; system: the JVM's"),
    READY_ORIGIN(
            "ready.origin",
            "once",
            "what /health/ready waits for: once, an origin has answered; always, and one is up, by checks each"
                    + " lastref.origin.health.interval, that of a sole origin too, which is then not asked while it is down; never"),
    LIMITS_CONNECTIONS(
            "limits.connections", "10000", "connections that clients may have open; more are closed at once"),
    LIMITS_CONNECTIONS_PER_PEER(
            "limits.connections-per-peer",
            "1024",
            "connections from one address, except from lastref.trusted-proxies; more are closed at once"),
    LIMITS_IDLE_TIMEOUT(
            "limits.idle-timeout",
            "75s",
            "how long a client's connection may be silent between two requests; then it is closed"),
    LIMITS_REQUESTS_PER_SECOND_PER_PEER(
            "limits.requests-per-second-per-peer",
            "0",
            "requests a second from one address, of IPv6 from one /64; more get 429 with Retry-After. Unused, they add up to those of one"
                    + " second. Of a proxy in lastref.trusted-proxies, by default who connects from loopback, the address in X-Forwarded-For"
                    + " counts, and nothing where it names none. 0: any number"),
    LIMITS_URL("limits.url", "16KiB", "bytes that a request's target may have; more gets 414"),
    LIMITS_HEAD("limits.head", "64KiB", "bytes that a request's head may have, its target included; more gets 431"),
    LIMITS_FIELDS("limits.fields", "128", "fields that a request may have; more gets 431"),
    LIMITS_HEAD_TIMEOUT(
            "limits.head-timeout",
            "30s",
            "how long a request's head may take from its first byte to its last; then it gets 408. A handshake of TLS and a PROXY header may"
                    + " take as long"),
    LIMITS_BODY("limits.body", "1GiB", "bytes of content that a request may have; more gets 413"),
    LIMITS_BODY_TIMEOUT(
            "limits.body-timeout", "60s", "a request of whose content less than 1 KiB comes within this gets 408"),
    ADMIN_TOKEN_FILE(
            "admin.token-file",
            "none",
            "file with a token that requests to lastref.admin must bear (Authorization: Bearer), those for health and for the"
                    + " dashboard's page excepted, which then asks for it; the"
                    + " commands of lastref read it from LASTREF_ADMIN_TOKEN_FILE"),
    PURGE_METHOD(
            "purge.method",
            "false",
            "whether PURGE on the client port purges its target (with Soft-Purge: 1: makes it stale)"),
    PURGE_ALLOW(
            "purge.allow",
            "127.0.0.0/8,::1",
            "networks whose clients may use PURGE: the connection's address is to be in them, and where that is a proxy in"
                    + " lastref.trusted-proxies also the client's that it names"),
    TRUSTED_PROXIES(
            "trusted-proxies", "127.0.0.0/8,::1", "networks whose X-Forwarded-For and its like count; none: nobody's"),
    FORWARDED(
            "forwarded",
            "false",
            "whether the origin is told of the client by Forwarded (RFC 7239) too, behind what trusted proxies say there"),
    ACCESS_LOG(
            "access-log",
            "off",
            "where requests are logged: off, stdout, stderr, or a file, which is opened anew at each reload, a refused one too. What the disk does not take"
                    + " in time is lost and counted, never waited for"),
    ACCESS_LOG_FORMAT(
            "access-log.format", "json", "how: json, one object a line, or combined, as Apache and nginx have it"),
    LOG_LEVEL(
            "log.level",
            "info",
            "which log lines go to standard error: error, warning, info, or debug. The lines that tell who has changed or purged something do at each of them"),
    SHUTDOWN_DELAY(
            "shutdown.delay",
            "0s",
            "after SIGTERM, how long it goes on as before while /health/ready says 503: for load balancers that notice late"),
    SHUTDOWN_GRACE("shutdown.grace", "10s", "drain time after SIGTERM, and after the delay");

    /** What every key begins with. */
    public static final String PREFIX = "lastref.";

    private final String key;
    private final String byDefault;
    private final String meaning;

    Setting(String name, String byDefault, String meaning) {
        this.key = PREFIX + name;
        this.byDefault = byDefault;
        this.meaning = meaning;
    }

    /** As it is typed in a file or after {@code -D}. */
    public String key() {
        return key;
    }

    /** As it is typed in the environment. */
    public String environmentName() {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** The value where none is set; empty where one must be. */
    public String byDefault() {
        return byDefault;
    }

    public String meaning() {
        return meaning;
    }

    /** Values to offer to who types: all there are, where they are words; else those that are words, or the default. */
    public List<String> words() {
        return switch (this) {
            case CACHE_STATUS_KEY, LISTEN_HTTP2, PURGE_METHOD, FORWARDED -> List.of("true", "false");
            case POOL_BACKING -> List.of("memfd", "directory");
            case POOL_SEGMENT_SIZE, CACHE_HEAP -> List.of("auto");
            case MEMORY_LIMIT -> List.of("auto", "none");
            case CACHE_SET_COOKIE -> List.of("explicit", "shared", "never");
            case READY_ORIGIN -> List.of("once", "always", "never");
            case ACCESS_LOG -> List.of("off", "stdout", "stderr");
            case ACCESS_LOG_FORMAT -> List.of("json", "combined");
            case LOG_LEVEL -> List.of("error", "warning", "info", "debug");
            default -> byDefault.isEmpty() ? List.of() : List.of(byDefault);
        };
    }

    /** Whether a value is, or may be, the path of a file or directory. */
    public boolean isPath() {
        return switch (this) {
            case TLS_CERTIFICATE, TLS_KEY, ORIGIN_CA, ADMIN_TOKEN_FILE, ACCESS_LOG, POOL_DIRECTORY -> true;
            default -> false;
        };
    }

    /** Whether its value is not to be shown to anybody. */
    public boolean isSecret() {
        return key.endsWith("token") || key.endsWith("password");
    }

    /** When a new value takes effect. */
    public Change change() {
        return switch (this) {
            case POOL_SIZE,
                    CACHE_COLLAPSE_TIMEOUT,
                    CACHE_ACCEPT_ENCODING,
                    CACHE_STATUS_KEY,
                    FORWARDED,
                    ACCESS_LOG,
                    ACCESS_LOG_FORMAT,
                    LIMITS_REQUESTS_PER_SECOND_PER_PEER,
                    LOG_LEVEL,
                    SHUTDOWN_DELAY,
                    SHUTDOWN_GRACE -> Change.AT_ONCE;
            case POOL_PIN_TIMEOUT,
                    TRANSMIT_UNSENT_LIMIT,
                    CACHE_MAX_OBJECT,
                    CACHE_DEFAULT_TTL,
                    CACHE_NEGATIVE_TTL,
                    CACHE_HEURISTIC_MAX,
                    CACHE_KEEP,
                    CACHE_STALE_WHILE_REVALIDATE,
                    CACHE_STALE_IF_ERROR,
                    CACHE_SET_COOKIE,
                    CACHE_TARGETS -> Change.FROM_THEN_ON;
            default -> Change.AT_START;
        };
    }

    /** Why it changes at the start only; the end of a sentence. */
    String whyFixed() {
        return switch (this) {
            case LISTEN, ADMIN -> "addresses are bound at the start";
            case POOL_BACKING, POOL_DIRECTORY, POOL_SEGMENT_SIZE, TRANSMIT_SENDFILE_MIN ->
                "the pool lays out its files by it";
            default -> "what goes by it is made at the start";
        };
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    static Optional<Setting> ofEnvironmentName(String name) {
        return Arrays.stream(values())
                .filter(setting -> setting.environmentName().equals(name))
                .findFirst();
    }

    /** The variables that somebody probably meant with this one, which is none. */
    static List<String> nearVariables(String name) {
        return NearKeys.of(
                name, Arrays.stream(values()).map(Setting::environmentName).toList());
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }
}
