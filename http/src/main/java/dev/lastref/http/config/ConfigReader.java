package dev.lastref.http.config;

import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.cache.semantics.StorageRules.CookieRule;
import dev.lastref.http.config.SidecarConfig.Readiness;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.Networks;
import dev.lastref.http.origin.OriginSettings;
import dev.lastref.http.origin.OriginTimeouts;
import dev.lastref.pool.PoolConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes a {@link SidecarConfig} of the settings' texts, and says of each what is expected of it. */
final class ConfigReader {
    private static final String NUMBER_EXPECTED = "a number from 1 to " + SettingTexts.MOST;
    private static final String POSITIVE_EXPECTED = "more than 0; " + Units.DURATION_EXPECTED;
    private static final String FILES_EXPECTED = "none, or the path of a PEM file, or several with commas between them";
    private static final String NETWORKS_EXPECTED = "none, or networks separated by commas, such as 127.0.0.0/8,::1";

    private static final int MOST_URL = 64 * 1024;
    private static final int MOST_HEAD = 512 * 1024;
    /** As many lines of one name as the server's header values hold, and one more. */
    private static final int MOST_FIELDS = 128;

    private final SettingValues values;

    ConfigReader(SettingValues values) {
        this.values = values;
    }

    SidecarConfig read() {
        StorageRules rules = rules();
        Readiness readiness = values.get(
                Setting.READY_ORIGIN,
                text -> Readiness.valueOf(text.strip().toUpperCase(Locale.ROOT)),
                "once, always or never");
        SidecarConfig read = new SidecarConfig(
                values.get(Setting.LISTEN, Units::address, Units.ADDRESS_EXPECTED),
                tls(),
                values.get(Setting.LISTEN_HTTP2, SettingTexts::flag, "true or false"),
                values.get(Setting.PROXY_PROTOCOL, Networks::of, NETWORKS_EXPECTED),
                limits(),
                values.get(Setting.ADMIN_TOKEN_FILE, SettingTexts::file, "none, or the path of a file")
                        .orElse(null),
                origins(readiness),
                readiness,
                values.get(Setting.ADMIN, Units::address, Units.ADDRESS_EXPECTED),
                values.get(
                        Setting.POOL_SIZE,
                        SettingTexts::poolSize,
                        "at least " + (PoolConfig.SMALLEST_CAPACITY >> 20) + "MiB; " + Units.SIZE_EXPECTED),
                poolDirectory(),
                segmentSize(),
                values.get(
                        Setting.POOL_PIN_TIMEOUT,
                        SettingTexts::pinTimeout,
                        "at least 1s and at most 24 days; " + Units.DURATION_EXPECTED),
                memoryLimit(),
                values.get(
                        Setting.TRANSMIT_SENDFILE_MIN,
                        text -> SettingTexts.smallSize(text, 0),
                        "at most 1GiB; " + Units.SIZE_EXPECTED),
                values.get(
                        Setting.TRANSMIT_UNSENT_LIMIT,
                        text -> SettingTexts.smallSize(text, 4096),
                        "4KiB to 1GiB; " + Units.SIZE_EXPECTED),
                values.get(Setting.CACHE_MAX_OBJECT, Units::size, Units.SIZE_EXPECTED),
                indexHeap(),
                rules,
                Rules.read(values.keys(), values::text, values::source, values::refuse, rules),
                values.get(
                        Setting.CACHE_ACCEPT_ENCODING,
                        text -> new EncodingChoice(SettingTexts.names(text)),
                        "content codings, with commas between them, such as br,gzip; or none"),
                values.get(Setting.CACHE_COLLAPSE_TIMEOUT, Units::duration, Units.DURATION_EXPECTED),
                values.get(Setting.CACHE_STATUS_KEY, SettingTexts::flag, "true or false"),
                values.get(Setting.FORWARDED, SettingTexts::flag, "true or false"),
                purgers(),
                values.get(Setting.TRUSTED_PROXIES, Networks::of, NETWORKS_EXPECTED),
                new AccessLog(
                        values.get(
                                Setting.ACCESS_LOG,
                                SettingTexts::logTarget,
                                "off, stdout, stderr, or an absolute path"),
                        values.get(
                                Setting.ACCESS_LOG_FORMAT,
                                text -> AccessLog.Format.valueOf(text.strip().toUpperCase(Locale.ROOT)),
                                "json or combined")),
                values.get(Setting.LOG_LEVEL, SettingTexts::level, "error, warning, info or debug"),
                values.get(Setting.SHUTDOWN_DELAY, Units::duration, Units.DURATION_EXPECTED),
                values.get(Setting.SHUTDOWN_GRACE, Units::duration, Units.DURATION_EXPECTED));
        // What is of several settings is asked where each is as it was meant.
        if (values.areRead(Setting.LISTEN, Setting.ADMIN)) {
            checkPorts(read.listen(), read.admin());
        }
        if (values.areRead(Setting.POOL_SIZE, Setting.POOL_SEGMENT_SIZE)) {
            checkPool(read);
        }
        return read;
    }

    private void checkPool(SidecarConfig read) {
        try {
            read.pool();
        } catch (IllegalArgumentException e) {
            refuse(
                    Setting.POOL_SEGMENT_SIZE,
                    "a multiple of 4KiB that fits four times into " + Setting.POOL_SIZE.key() + " (" + e.getMessage()
                            + ")");
        }
    }

    private void checkPorts(InetSocketAddress listen, InetSocketAddress admin) {
        boolean same = listen.getAddress().isAnyLocalAddress()
                || admin.getAddress().isAnyLocalAddress()
                || listen.getAddress().equals(admin.getAddress());
        if (same && listen.getPort() == admin.getPort() && listen.getPort() != 0) {
            refuse(
                    Setting.ADMIN,
                    "another port than " + Setting.LISTEN.key() + " has, which is \"" + values.text(Setting.LISTEN)
                            + "\" (" + values.source(Setting.LISTEN) + "); the two are never one");
        }
    }

    private void refuse(Setting setting, String expected) {
        values.refuse(ConfigException.of(setting.key(), values.text(setting), values.source(setting), expected));
    }

    private ClientLimits limits() {
        return new ClientLimits(
                values.get(Setting.LIMITS_CONNECTIONS, text -> SettingTexts.number(text, 1), NUMBER_EXPECTED),
                values.get(Setting.LIMITS_CONNECTIONS_PER_PEER, text -> SettingTexts.number(text, 1), NUMBER_EXPECTED),
                values.get(
                        Setting.LIMITS_REQUESTS_PER_SECOND_PER_PEER,
                        text -> SettingTexts.number(text, 0),
                        "a number from 0 to " + SettingTexts.MOST + "; 0: no limit"),
                values.get(Setting.LIMITS_IDLE_TIMEOUT, SettingTexts::positive, POSITIVE_EXPECTED),
                new HeadLimits(
                        values.get(
                                Setting.LIMITS_URL,
                                text -> SettingTexts.smallSize(text, 1, MOST_URL),
                                "1B to 64KiB; " + Units.SIZE_EXPECTED),
                        values.get(
                                Setting.LIMITS_HEAD,
                                text -> SettingTexts.smallSize(text, 1024, MOST_HEAD),
                                "1KiB to 512KiB; " + Units.SIZE_EXPECTED),
                        values.get(
                                Setting.LIMITS_FIELDS,
                                text -> SettingTexts.number(text, 1, MOST_FIELDS),
                                "a number from 1 to " + MOST_FIELDS)),
                values.get(Setting.LIMITS_HEAD_TIMEOUT, SettingTexts::positive, POSITIVE_EXPECTED),
                values.get(Setting.LIMITS_BODY, Units::size, Units.SIZE_EXPECTED),
                values.get(Setting.LIMITS_BODY_TIMEOUT, SettingTexts::positive, POSITIVE_EXPECTED));
    }

    private @Nullable Path poolDirectory() {
        boolean inDirectory = values.get(
                Setting.POOL_BACKING,
                text -> switch (text.strip().toLowerCase(Locale.ROOT)) {
                    case "memfd" -> false;
                    case "directory" -> true;
                    default -> throw new IllegalArgumentException(text);
                },
                "memfd or directory");
        // Read even where it is not used: what is wrong now would be wrong when it is.
        Path directory = values.get(Setting.POOL_DIRECTORY, SettingTexts::absolute, "an absolute path");
        return inDirectory ? directory : null;
    }

    private StorageRules rules() {
        return new StorageRules(
                duration(Setting.CACHE_DEFAULT_TTL),
                duration(Setting.CACHE_NEGATIVE_TTL),
                duration(Setting.CACHE_HEURISTIC_MAX),
                duration(Setting.CACHE_STALE_WHILE_REVALIDATE),
                duration(Setting.CACHE_STALE_IF_ERROR),
                duration(Setting.CACHE_KEEP),
                values.get(
                        Setting.CACHE_SET_COOKIE,
                        text -> CookieRule.valueOf(text.strip().toUpperCase(Locale.ROOT)),
                        "explicit (with a lifetime of its own), shared (with public, s-maxage or a targeted field), or never"),
                targets(),
                StorageRules.Overrides.NONE);
    }

    private Duration duration(Setting setting) {
        return values.get(setting, Units::duration, Units.DURATION_EXPECTED);
    }

    private List<String> targets() {
        return values.get(
                Setting.CACHE_TARGETS,
                text -> StorageRules.defaults()
                        .withTargets(SettingTexts.names(text))
                        .targets(),
                "names of response fields, with commas between them, such as CDN-Cache-Control; or none");
    }

    private @Nullable Networks purgers() {
        boolean offered = values.get(Setting.PURGE_METHOD, SettingTexts::flag, "true or false");
        Networks allowed = values.get(Setting.PURGE_ALLOW, Networks::of, NETWORKS_EXPECTED);
        return offered ? allowed : null;
    }

    private @Nullable Long memoryLimit() {
        return values.get(
                        Setting.MEMORY_LIMIT,
                        text -> switch (text.strip()) {
                            case "auto" -> Optional.<Long>empty();
                            case "none" -> Optional.of(Long.MAX_VALUE);
                            default -> Optional.of(Units.size(text));
                        },
                        "auto, none, or " + Units.SIZE_EXPECTED)
                .orElse(null);
    }

    private @Nullable Long indexHeap() {
        return values.get(
                        Setting.CACHE_HEAP,
                        text -> text.strip().equals("auto")
                                ? Optional.<Long>empty()
                                : Optional.of(SettingTexts.atLeastAMebibyte(text)),
                        "auto, or at least 1MiB; " + Units.SIZE_EXPECTED)
                .orElse(null);
    }

    private @Nullable Integer segmentSize() {
        return values.get(
                        Setting.POOL_SEGMENT_SIZE,
                        text -> text.strip().equals("auto")
                                ? Optional.<Integer>empty()
                                : Optional.of(SettingTexts.smallSize(text, 4096)),
                        "auto, or a multiple of 4KiB up to 1GiB; " + Units.SIZE_EXPECTED)
                .orElse(null);
    }

    private List<SidecarConfig.Tls> tls() {
        List<Path> certificates = values.get(Setting.TLS_CERTIFICATE, SettingTexts::files, FILES_EXPECTED);
        List<Path> keys = values.get(Setting.TLS_KEY, SettingTexts::files, FILES_EXPECTED);
        if (!values.areRead(Setting.TLS_CERTIFICATE, Setting.TLS_KEY)) {
            return List.of();
        }
        if (certificates.size() != keys.size()) {
            Setting fewer = certificates.size() < keys.size() ? Setting.TLS_CERTIFICATE : Setting.TLS_KEY;
            refuse(
                    fewer,
                    "as many PEM files as "
                            + (fewer == Setting.TLS_KEY ? Setting.TLS_CERTIFICATE : Setting.TLS_KEY).key() + " has: "
                            + Math.max(certificates.size(), keys.size()) + ", not "
                            + Math.min(certificates.size(), keys.size()));
            return List.of();
        }
        return IntStream.range(0, keys.size())
                .mapToObj(i -> new SidecarConfig.Tls(certificates.get(i), keys.get(i)))
                .toList();
    }

    private Duration healthInterval(Readiness readiness) {
        Duration interval = duration(Setting.ORIGIN_HEALTH_INTERVAL);
        if (interval.isZero() && readiness == Readiness.ALWAYS) {
            refuse(
                    Setting.ORIGIN_HEALTH_INTERVAL,
                    "more than 0, since " + Setting.READY_ORIGIN.key() + " is \"" + values.text(Setting.READY_ORIGIN)
                            + "\" (" + values.source(Setting.READY_ORIGIN)
                            + "): whether an origin is up is known by its checks");
        }
        return interval;
    }

    private OriginSettings origins(Readiness readiness) {
        String positive = POSITIVE_EXPECTED;
        String number = "a number from 1 to " + SettingTexts.MOST;
        return new OriginSettings(
                values.get(Setting.ORIGIN, OriginUrls::bases, OriginUrls.EXPECTED),
                new OriginTimeouts(
                        values.get(Setting.ORIGIN_CONNECT_TIMEOUT, SettingTexts::positive, positive),
                        values.get(Setting.ORIGIN_FIRST_BYTE_TIMEOUT, SettingTexts::positive, positive),
                        values.get(Setting.ORIGIN_IDLE_TIMEOUT, SettingTexts::positive, positive),
                        values.get(Setting.LIMITS_BODY_TIMEOUT, SettingTexts::positive, positive)),
                new OriginSettings.Health(
                        readiness == Readiness.ALWAYS,
                        values.get(
                                        Setting.ORIGIN_HEALTH_PATH,
                                        SettingTexts::healthPath,
                                        "none, or a path, such as /healthz")
                                .orElse(null),
                        healthInterval(readiness),
                        values.get(Setting.ORIGIN_HEALTH_TIMEOUT, SettingTexts::positive, positive),
                        values.get(Setting.ORIGIN_HEALTH_DOWN_AFTER, text -> SettingTexts.number(text, 1), number),
                        values.get(Setting.ORIGIN_HEALTH_UP_AFTER, text -> SettingTexts.number(text, 1), number),
                        values.get(
                                Setting.ORIGIN_EJECT_AFTER,
                                text -> SettingTexts.number(text, 0),
                                "a number from 0 to " + SettingTexts.MOST),
                        values.get(Setting.ORIGIN_EJECT_TIME, SettingTexts::positive, positive)),
                values.get(Setting.ORIGIN_CONNECTIONS, text -> SettingTexts.number(text, 1), number),
                values.get(
                        Setting.ORIGIN_QUEUE,
                        text -> SettingTexts.number(text, 0),
                        "a number from 0 to " + SettingTexts.MOST),
                values.get(Setting.ORIGIN_QUEUE_TIMEOUT, SettingTexts::positive, positive),
                values.get(
                                Setting.ORIGIN_CA,
                                text -> text.strip().equals("system")
                                        ? Optional.<Path>empty()
                                        : Optional.of(Path.of(text.strip())),
                                "system, or the path of a PEM file")
                        .orElse(null));
    }
}
