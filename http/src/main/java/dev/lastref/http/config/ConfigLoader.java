package dev.lastref.http.config;

import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.cache.semantics.StorageRules.CookieRule;
import dev.lastref.http.config.Configuration.Effective;
import dev.lastref.http.config.SidecarConfig.Readiness;
import dev.lastref.http.message.Networks;
import dev.lastref.http.origin.OriginSettings;
import dev.lastref.http.origin.OriginTimeouts;
import dev.lastref.pool.PoolConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings: defaults, then the file, then the environment ({@code LASTREF_POOL_SIZE}), then the command line
 * ({@code -Dlastref.pool.size=…}), then what was put while running; later wins. A key that is not known or a value that does not fit stops it with a
 * {@link ConfigException}.
 */
public final class ConfigLoader {
    private static final int SMALLEST_PIN_SECONDS = 1;
    private static final String NUMBER_EXPECTED = "a number from 1 to " + 1_000_000;
    private static final String FILE_EXPECTED = "none, or the path of a PEM file";
    /** Of whatever is counted. */
    private static final int MOST = 1_000_000;

    private static final String NETWORKS_EXPECTED = "none, or networks separated by commas, such as 127.0.0.0/8,::1";

    /** How SmallRye Config decorates the name that a source was given. */
    private static final Pattern SOURCE_NAME = Pattern.compile("\\w+\\[source=(.*)]");

    private final SmallRyeConfig config;
    private final Map<Setting, String> expectations = new EnumMap<>(Setting.class);

    private ConfigLoader(SmallRyeConfig config) {
        this.config = config;
    }

    /** {@link #read} for those who want to know no more than what it means. */
    public static SidecarConfig load(
            @Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
        return read(new ConfigSources(file, environment, commandLine)).config();
    }

    /** Reads and checks everything. */
    public static Configuration read(ConfigSources sources) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withSources(defaults());
        Path file = sources.file();
        if (file != null) {
            builder.withSources(fromFile(file));
        }
        builder.withSources(
                fromEnvironment(sources.environment()),
                new PropertiesConfigSource(checked(sources.commandLine(), "command line"), "command line", 400),
                new PropertiesConfigSource(checked(sources.put(), ConfigSources.PUT), ConfigSources.PUT, 500));
        ConfigLoader loader = new ConfigLoader(builder.build());
        SidecarConfig config = loader.read();
        Map<Setting, Effective> settings = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            settings.put(
                    setting,
                    new Effective(
                            loader.text(setting),
                            loader.source(setting),
                            loader.expectations.getOrDefault(setting, "")));
        }
        return new Configuration(sources, config, settings, loader.ruleValues());
    }

    private Map<String, Effective> ruleValues() {
        Map<String, Effective> values = new TreeMap<>();
        for (String key : config.getPropertyNames()) {
            if (Rules.isKey(key)) {
                values.put(key, new Effective(text(key), source(key), ""));
            }
        }
        return values;
    }

    private static PropertiesConfigSource defaults() {
        Map<String, String> values = new LinkedHashMap<>();
        Arrays.stream(Setting.values()).forEach(setting -> values.put(setting.key(), setting.byDefault()));
        return new PropertiesConfigSource(values, "default", 100);
    }

    private static PropertiesConfigSource fromFile(Path file) {
        Map<String, String> values;
        try {
            values = new PropertiesConfigSource(file.toUri().toURL(), 200).getProperties();
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) { // the last: an escape that is none
            throw new ConfigException("cannot read the configuration file " + file + ": " + e.getMessage());
        }
        return new PropertiesConfigSource(checked(values, file.toString()), file.toString(), 200);
    }

    private static PropertiesConfigSource fromEnvironment(Map<String, String> environment) {
        Map<String, String> values = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith("LASTREF_") && !ForeignVariables.contain(name)) {
                String key = Setting.ofEnvironmentName(name)
                        .map(Setting::key)
                        .or(() -> Rules.keyOfEnvironmentName(name))
                        .orElseThrow(() -> ConfigException.unknown(
                                name, value, "environment", Setting.nearest(name, Setting::environmentName)));
                values.put(key, value);
            }
        });
        return new PropertiesConfigSource(values, "environment", 300);
    }

    private static Map<String, String> checked(Map<String, String> values, String source) {
        values.forEach((key, value) -> {
            if (Setting.ofKey(key).isEmpty() && !Rules.isKey(key)) {
                throw ConfigException.unknown(key, value, source, Rules.nearest(key));
            }
        });
        return values;
    }

    private SidecarConfig read() {
        StorageRules rules = rules();
        SidecarConfig read = new SidecarConfig(
                get(Setting.LISTEN, Units::address, Units.ADDRESS_EXPECTED),
                tls(),
                get(Setting.LISTEN_HTTP2, ConfigLoader::flag, "true or false"),
                get(Setting.PROXY_PROTOCOL, Networks::of, NETWORKS_EXPECTED),
                get(Setting.LIMITS_CONNECTIONS, text -> number(text, 1), NUMBER_EXPECTED),
                get(Setting.LIMITS_CONNECTIONS_PER_PEER, text -> number(text, 1), NUMBER_EXPECTED),
                get(Setting.LIMITS_IDLE_TIMEOUT, ConfigLoader::positive, "more than 0; " + Units.DURATION_EXPECTED),
                get(Setting.LIMITS_BODY, Units::size, Units.SIZE_EXPECTED),
                get(Setting.ADMIN_TOKEN_FILE, ConfigLoader::file, "none, or the path of a file")
                        .orElse(null),
                origins(),
                get(
                        Setting.READY_ORIGIN,
                        text -> Readiness.valueOf(text.strip().toUpperCase(Locale.ROOT)),
                        "once, always or never"),
                get(Setting.ADMIN, Units::address, Units.ADDRESS_EXPECTED),
                get(
                        Setting.POOL_SIZE,
                        ConfigLoader::poolSize,
                        "at least " + (PoolConfig.SMALLEST_CAPACITY >> 20) + "MiB; " + Units.SIZE_EXPECTED),
                poolDirectory(),
                segmentSize(),
                get(
                        Setting.POOL_PIN_TIMEOUT,
                        ConfigLoader::pinTimeout,
                        "at least 1s and at most 24 days; " + Units.DURATION_EXPECTED),
                memoryLimit(),
                get(Setting.TRANSMIT_SENDFILE_MIN, text -> smallSize(text, 0), "at most 1GiB; " + Units.SIZE_EXPECTED),
                get(
                        Setting.TRANSMIT_UNSENT_LIMIT,
                        text -> smallSize(text, 4096),
                        "4KiB to 1GiB; " + Units.SIZE_EXPECTED),
                get(Setting.CACHE_MAX_OBJECT, Units::size, Units.SIZE_EXPECTED),
                rules,
                Rules.read(config.getPropertyNames(), this::text, this::source, rules),
                get(
                        Setting.CACHE_ACCEPT_ENCODING,
                        text -> new EncodingChoice(names(text)),
                        "content codings, with commas between them, such as br,gzip; or none"),
                get(Setting.CACHE_COLLAPSE_TIMEOUT, Units::duration, Units.DURATION_EXPECTED),
                get(Setting.CACHE_STATUS_KEY, ConfigLoader::flag, "true or false"),
                purgers(),
                get(Setting.TRUSTED_PROXIES, Networks::of, NETWORKS_EXPECTED),
                new AccessLog(
                        get(Setting.ACCESS_LOG, ConfigLoader::logTarget, "off, stdout, stderr, or an absolute path"),
                        get(
                                Setting.ACCESS_LOG_FORMAT,
                                text -> AccessLog.Format.valueOf(text.strip().toUpperCase(Locale.ROOT)),
                                "json or combined")),
                get(Setting.LOG_LEVEL, ConfigLoader::level, "error, warning, info or debug"),
                get(Setting.SHUTDOWN_DELAY, Units::duration, Units.DURATION_EXPECTED),
                get(Setting.SHUTDOWN_GRACE, Units::duration, Units.DURATION_EXPECTED));
        try {
            read.pool();
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(
                    Setting.POOL_SEGMENT_SIZE.key(),
                    text(Setting.POOL_SEGMENT_SIZE),
                    source(Setting.POOL_SEGMENT_SIZE),
                    "a multiple of 4KiB that fits four times into " + Setting.POOL_SIZE.key() + " (" + e.getMessage()
                            + ")");
        }
        return read;
    }

    private @Nullable Path poolDirectory() {
        boolean inDirectory = get(
                Setting.POOL_BACKING,
                text -> switch (text.strip().toLowerCase(Locale.ROOT)) {
                    case "memfd" -> false;
                    case "directory" -> true;
                    default -> throw new IllegalArgumentException(text);
                },
                "memfd or directory");
        // Read even where it is not used: what is wrong now would be wrong when it is.
        Path directory = get(Setting.POOL_DIRECTORY, ConfigLoader::absolute, "an absolute path");
        return inDirectory ? directory : null;
    }

    private static Path absolute(String text) {
        Path path = Path.of(text.strip());
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(text);
        }
        return path;
    }

    private StorageRules rules() {
        return new StorageRules(
                duration(Setting.CACHE_DEFAULT_TTL),
                duration(Setting.CACHE_NEGATIVE_TTL),
                duration(Setting.CACHE_HEURISTIC_MAX),
                duration(Setting.CACHE_STALE_WHILE_REVALIDATE),
                duration(Setting.CACHE_STALE_IF_ERROR),
                duration(Setting.CACHE_KEEP),
                get(
                        Setting.CACHE_SET_COOKIE,
                        text -> CookieRule.valueOf(text.strip().toUpperCase(Locale.ROOT)),
                        "explicit (with a lifetime of its own), shared (with public, s-maxage or a targeted field), or never"),
                targets(),
                StorageRules.Overrides.NONE);
    }

    private Duration duration(Setting setting) {
        return get(setting, Units::duration, Units.DURATION_EXPECTED);
    }

    private List<String> targets() {
        return get(
                Setting.CACHE_TARGETS,
                text -> StorageRules.defaults().withTargets(names(text)).targets(),
                "names of response fields, with commas between them, such as CDN-Cache-Control; or none");
    }

    private static List<String> names(String text) {
        return text.strip().equals("none")
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    private static boolean flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private @Nullable Networks purgers() {
        boolean offered = get(Setting.PURGE_METHOD, ConfigLoader::flag, "true or false");
        Networks allowed = get(Setting.PURGE_ALLOW, Networks::of, NETWORKS_EXPECTED);
        return offered ? allowed : null;
    }

    private @Nullable Long memoryLimit() {
        return get(
                        Setting.MEMORY_LIMIT,
                        text -> switch (text.strip()) {
                            case "auto" -> Optional.<Long>empty();
                            case "none" -> Optional.of(Long.MAX_VALUE);
                            default -> Optional.of(Units.size(text));
                        },
                        "auto, none, or " + Units.SIZE_EXPECTED)
                .orElse(null);
    }

    private @Nullable Integer segmentSize() {
        return get(
                        Setting.POOL_SEGMENT_SIZE,
                        text -> text.strip().equals("auto")
                                ? Optional.<Integer>empty()
                                : Optional.of(smallSize(text, 4096)),
                        "auto, or a multiple of 4KiB up to 1GiB; " + Units.SIZE_EXPECTED)
                .orElse(null);
    }

    private SidecarConfig.@Nullable Tls tls() {
        Optional<Path> certificate = get(Setting.TLS_CERTIFICATE, ConfigLoader::file, FILE_EXPECTED);
        Optional<Path> key = get(Setting.TLS_KEY, ConfigLoader::file, FILE_EXPECTED);
        if (certificate.isPresent() != key.isPresent()) {
            Setting missing = key.isPresent() ? Setting.TLS_CERTIFICATE : Setting.TLS_KEY;
            throw ConfigException.of(
                    missing.key(), text(missing), source(missing), "a PEM file, as the other one is set");
        }
        return certificate.isPresent() ? new SidecarConfig.Tls(certificate.get(), key.orElseThrow()) : null;
    }

    private static Optional<Path> file(String text) {
        return text.strip().equals("none") ? Optional.empty() : Optional.of(Path.of(text.strip()));
    }

    private OriginSettings origins() {
        String positive = "more than 0; " + Units.DURATION_EXPECTED;
        String number = "a number from 1 to " + MOST;
        return new OriginSettings(
                get(
                        Setting.ORIGIN,
                        ConfigLoader::bases,
                        "an origin's base URL, such as http://127.0.0.1:8081, or several, with commas between them"),
                new OriginTimeouts(
                        get(Setting.ORIGIN_CONNECT_TIMEOUT, ConfigLoader::positive, positive),
                        get(Setting.ORIGIN_FIRST_BYTE_TIMEOUT, ConfigLoader::positive, positive),
                        get(Setting.ORIGIN_IDLE_TIMEOUT, ConfigLoader::positive, positive)),
                new OriginSettings.Health(
                        get(Setting.ORIGIN_HEALTH_PATH, ConfigLoader::healthPath, "none, or a path, such as /healthz")
                                .orElse(null),
                        duration(Setting.ORIGIN_HEALTH_INTERVAL),
                        get(Setting.ORIGIN_HEALTH_TIMEOUT, ConfigLoader::positive, positive),
                        get(Setting.ORIGIN_HEALTH_DOWN_AFTER, text -> number(text, 1), number),
                        get(Setting.ORIGIN_HEALTH_UP_AFTER, text -> number(text, 1), number),
                        get(Setting.ORIGIN_EJECT_AFTER, text -> number(text, 0), "a number from 0 to " + MOST),
                        get(Setting.ORIGIN_EJECT_TIME, ConfigLoader::positive, positive)),
                get(Setting.ORIGIN_CONNECTIONS, text -> number(text, 1), number),
                get(Setting.ORIGIN_QUEUE, text -> number(text, 0), "a number from 0 to " + MOST),
                get(Setting.ORIGIN_QUEUE_TIMEOUT, ConfigLoader::positive, positive),
                get(
                                Setting.ORIGIN_CA,
                                text -> text.strip().equals("system")
                                        ? Optional.<Path>empty()
                                        : Optional.of(Path.of(text.strip())),
                                "system, or the path of a PEM file")
                        .orElse(null));
    }

    private static Optional<String> healthPath(String text) {
        String path = text.strip();
        if (path.equals("none")) {
            return Optional.empty();
        }
        if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(text);
        }
        return Optional.of(path);
    }

    private static int number(String text, int least) {
        int number = Integer.parseInt(text.strip());
        if (number < least || number > MOST) {
            throw new IllegalArgumentException(text);
        }
        return number;
    }

    private static List<URI> bases(String text) {
        List<URI> bases =
                Arrays.stream(text.split(",", -1)).map(ConfigLoader::origin).toList();
        if (bases.stream().distinct().count() < bases.size()) {
            throw new IllegalArgumentException(text);
        }
        return bases;
    }

    private static URI origin(String text) {
        URI uri = URI.create(text.strip());
        boolean bare = uri.getQuery() == null && uri.getFragment() == null && uri.getUserInfo() == null;
        String path = uri.getPath();
        int port = uri.getPort();
        if (!("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                || uri.getHost() == null
                || !bare
                || port == 0
                || port > 65535
                || !(path.isEmpty() || path.equals("/"))) {
            throw new IllegalArgumentException(text);
        }
        return uri;
    }

    private static long poolSize(String text) {
        long size = Units.size(text);
        if (size < PoolConfig.SMALLEST_CAPACITY) {
            throw new IllegalArgumentException(text);
        }
        return size;
    }

    private static int smallSize(String text, int least) {
        long size = Units.size(text);
        if (size < least || size > 1 << 30) {
            throw new IllegalArgumentException(text);
        }
        return (int) size;
    }

    private static String logTarget(String text) {
        return switch (text.strip()) {
            case "off", "stdout", "stderr" -> text.strip();
            default -> absolute(text).toString();
        };
    }

    private static System.Logger.Level level(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "error" -> System.Logger.Level.ERROR;
            case "warning" -> System.Logger.Level.WARNING;
            case "info" -> System.Logger.Level.INFO;
            case "debug" -> System.Logger.Level.DEBUG;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static Duration positive(String text) {
        Duration duration = Units.duration(text);
        if (duration.isZero()) {
            throw new IllegalArgumentException(text);
        }
        return duration;
    }

    private static Duration pinTimeout(String text) {
        Duration duration = Units.duration(text);
        // It becomes TCP_USER_TIMEOUT: an int of milliseconds, in which 0 would mean none.
        if (duration.toSeconds() < SMALLEST_PIN_SECONDS || duration.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(text);
        }
        return duration;
    }

    private <T> T get(Setting setting, Function<String, T> parser, String expected) {
        expectations.put(setting, expected);
        String text = text(setting);
        if (text.isBlank()) {
            throw new ConfigException(setting.key() + " is not set: expected " + expected + "; set it with -D"
                    + setting.key() + "=…, as " + setting.environmentName() + ", or in the file");
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) { // NumberFormatException is one
            throw ConfigException.of(setting.key(), text, source(setting), expected);
        }
    }

    private String text(Setting setting) {
        return text(setting.key());
    }

    private String text(String key) {
        String value = config.getConfigValue(key).getValue();
        return value == null ? "" : value;
    }

    private String source(Setting setting) {
        return source(setting.key());
    }

    private String source(String key) {
        String name = String.valueOf(config.getConfigValue(key).getSourceName());
        Matcher named = SOURCE_NAME.matcher(name);
        return named.matches() ? named.group(1) : name;
    }
}
