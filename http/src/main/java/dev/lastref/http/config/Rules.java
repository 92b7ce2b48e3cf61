package dev.lastref.http.config;

import dev.lastref.cache.semantics.PathRule;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.QueryChoice;
import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.cache.semantics.StorageRules.Overrides;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the rules by path, {@code lastref.rules.NAME.path} and so on: see {@link RuleSetting}. */
final class Rules {
    static final String PREFIX = Setting.PREFIX + "rules.";

    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]*";
    private static final Pattern KEY = Pattern.compile("lastref\\.rules\\.(" + NAME + ")\\.(.+)");
    private static final Pattern ALMOST = Pattern.compile("lastref\\.([^.]+)\\.([^.]+)(?:\\.(.+))?");
    private static final String ENVIRONMENT = "LASTREF_RULES_";

    private final String name;
    private final UnaryOperator<String> text;
    private final UnaryOperator<String> source;

    private final Consumer<ConfigException> unusable;

    private Rules(
            String name, UnaryOperator<String> text, UnaryOperator<String> source, Consumer<ConfigException> unusable) {
        this.name = name;
        this.text = text;
        this.source = source;
        this.unusable = unusable;
    }

    /** Whether a key is one of a rule. */
    static boolean isKey(String key) {
        return settingOf(key).isPresent();
    }

    /** What of a rule a key is. */
    static Optional<RuleSetting> settingOf(String key) {
        Matcher matcher = KEY.matcher(key);
        return matcher.matches() ? RuleSetting.ofProperty(matcher.group(2)) : Optional.empty();
    }

    /** The known keys that somebody probably meant with this one, which is none, be they of a rule or not. */
    static List<String> near(String key) {
        Matcher rule = ALMOST.matcher(key);
        if (!rule.matches() || EditDistance.between(rule.group(1), "rules") > 1) {
            return NearKeys.of(key, Setting.keys());
        }
        String name = named(rule.group(2));
        String property = rule.group(3);
        if (property == null) {
            return List.of(RuleSetting.ofProperty(name)
                    .map(forgotten -> forgotten.keyOf("NAME"))
                    .orElse(RuleSetting.PATH.keyOf(name)));
        }
        return NearKeys.of(property, RuleSetting.properties()).stream()
                .map(near -> PREFIX + name + "." + near)
                .toList();
    }

    /** A rule's name that is like this, which may be none. */
    private static String named(String given) {
        String name = given.replaceAll("[^A-Za-z0-9_-]", "-").replaceFirst("^[_-]+", "");
        return name.isEmpty() ? "NAME" : name;
    }

    /** {@code LASTREF_RULES_SOME_NAME_DEFAULT_TTL} is default-ttl of some-name: the longest property that fits. */
    static Optional<String> keyOfEnvironmentName(String variable) {
        if (!variable.startsWith(ENVIRONMENT)) {
            return Optional.empty();
        }
        String rest = variable.substring(ENVIRONMENT.length());
        return Arrays.stream(RuleSetting.values())
                .filter(setting -> rest.endsWith(setting.environmentSuffix()))
                .max(Comparator.comparingInt(
                        setting -> setting.environmentSuffix().length()))
                .map(setting -> setting.keyOf(rest.substring(
                                0, rest.length() - setting.environmentSuffix().length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-')))
                .filter(Rules::isKey);
    }

    /**
     * Reads all of them.
     *
     * @param keys every key that is set
     * @param text the value of a key, empty if it is not set
     * @param source where it was set
     * @param unusable told of each value that cannot be used; what is returned is then of no use either
     * @param base what holds where a rule says nothing
     */
    static PathRules read(
            Iterable<String> keys,
            UnaryOperator<String> text,
            UnaryOperator<String> source,
            Consumer<ConfigException> unusable,
            StorageRules base) {
        TreeSet<String> names = new TreeSet<>();
        for (String key : keys) {
            Matcher matcher = KEY.matcher(key);
            if (matcher.matches() && isKey(key)) {
                names.add(matcher.group(1));
            }
        }
        return names.isEmpty()
                ? PathRules.NONE
                : new PathRules(names.stream()
                        .flatMap(name -> new Rules(name, text, source, unusable).rule(base).stream())
                        .toList());
    }

    /** Everything that is set of it is read first, so that all that is wrong is told. */
    private Optional<PathRule> rule(StorageRules base) {
        int priority = get(RuleSetting.PRIORITY, Integer::valueOf, 0, "a number, such as 10");
        List<String> hosts = hosts();
        boolean pass = flag(RuleSetting.PASS);
        StorageRules storage = storage(base);
        QueryChoice query = query();
        List<String> keyFields = keyFields();
        List<String> tags = get(RuleSetting.TAGS, Rules::list, List.of(), "names, with commas between them");
        if (pass) {
            checkPass();
        }
        if (isSet(RuleSetting.PATH)) {
            return get(
                    RuleSetting.PATH,
                    paths -> Optional.of(
                            new PathRule(name, priority, hosts, list(paths), pass, storage, query, keyFields, tags)),
                    Optional.empty(),
                    "paths that begin with / or *, with commas between them, such as /api/*");
        }
        String others = Stream.of(RuleSetting.values())
                .filter(this::isSet)
                .findFirst()
                .map(other -> ", but " + other.keyOf(name) + " is (" + source.apply(other.keyOf(name)) + ")")
                .orElse("");
        unusable.accept(new ConfigException(RuleSetting.PATH.keyOf(name) + " is not set" + others
                + ": expected the paths that the rule is for, such as /api/*"));
        return Optional.empty();
    }

    /** Checked before the rule is made, each for itself, so that the error names the right key. */
    private List<String> hosts() {
        return get(
                RuleSetting.HOST,
                hosts -> bare(list(hosts), List.of()).hosts(),
                List.of(),
                "hosts, with commas between them, such as www.example.com or *.example.com");
    }

    private List<String> keyFields() {
        return get(
                RuleSetting.KEY_FIELDS,
                fields -> bare(List.of(), list(fields)).keyFields(),
                List.of(),
                "names of request fields that reach the origin, with commas between them");
    }

    private PathRule bare(List<String> hosts, List<String> keyFields) {
        return new PathRule(
                name, 0, hosts, List.of("*"), false, StorageRules.defaults(), QueryChoice.ALL, keyFields, List.of());
    }

    private void checkPass() {
        for (RuleSetting setting : RuleSetting.values()) {
            boolean beside = switch (setting) {
                case PATH, HOST, PRIORITY, PASS -> true;
                default -> false;
            };
            if (!beside && isSet(setting)) {
                refuse(setting, "nothing, since " + RuleSetting.PASS.keyOf(name) + " is true and nothing is stored");
            }
        }
    }

    private StorageRules storage(StorageRules base) {
        return base.withTtl(
                        duration(RuleSetting.DEFAULT_TTL, base.defaultTtl()),
                        duration(RuleSetting.NEGATIVE_TTL, base.negativeTtl()))
                .withOverrides(new Overrides(
                        duration(RuleSetting.TTL),
                        duration(RuleSetting.STALE_WHILE_REVALIDATE),
                        duration(RuleSetting.STALE_IF_ERROR)));
    }

    private QueryChoice query() {
        List<String> only = isSet(RuleSetting.QUERY_ONLY)
                ? get(
                        RuleSetting.QUERY_ONLY,
                        Rules::namesOrNone,
                        List.of(),
                        "names of parameters, with commas between them; or none")
                : null;
        List<String> without =
                get(RuleSetting.QUERY_WITHOUT, Rules::list, List.of(), "names of parameters, with commas between them");
        return QueryChoice.of(only, without, flag(RuleSetting.QUERY_SORT));
    }

    private static List<String> namesOrNone(String text) {
        return text.strip().equals("none") ? List.of() : list(text);
    }

    private static List<String> list(String text) {
        List<String> members = Stream.of(text.split(",", -1)).map(String::strip).toList();
        if (members.contains("")) {
            throw new IllegalArgumentException("there is nothing between two commas");
        }
        return members;
    }

    private boolean flag(RuleSetting setting) {
        return get(setting, SettingTexts::flag, false, "true or false");
    }

    private @Nullable Duration duration(RuleSetting setting) {
        return isSet(setting) ? duration(setting, Duration.ZERO) : null;
    }

    private Duration duration(RuleSetting setting, Duration otherwise) {
        return get(setting, Units::duration, otherwise, Units.DURATION_EXPECTED);
    }

    /** What a text of one of them means, where that says more than the text. */
    static Function<String, ?> parser(RuleSetting setting) {
        return switch (setting) {
            case TTL, DEFAULT_TTL, NEGATIVE_TTL, STALE_WHILE_REVALIDATE, STALE_IF_ERROR -> Units::duration;
            case PASS, QUERY_SORT -> SettingTexts::flag;
            case PRIORITY -> Integer::valueOf;
            case QUERY_ONLY -> Rules::namesOrNone;
            case PATH, HOST, QUERY_WITHOUT, KEY_FIELDS, TAGS -> Rules::list;
        };
    }

    private boolean isSet(RuleSetting setting) {
        return !text.apply(setting.keyOf(name)).isBlank();
    }

    /**
     * @param otherwise where it is not set, or cannot be used, of which somebody is told
     */
    private <T> T get(RuleSetting setting, Function<String, T> parser, T otherwise, String expected) {
        if (!isSet(setting)) {
            return otherwise;
        }
        try {
            return parser.apply(text.apply(setting.keyOf(name)));
        } catch (IllegalArgumentException e) { // NumberFormatException is one
            refuse(setting, expected + (setting == RuleSetting.PATH ? " (" + e.getMessage() + ")" : ""));
            return otherwise;
        }
    }

    private void refuse(RuleSetting setting, String expected) {
        String key = setting.keyOf(name);
        unusable.accept(ConfigException.of(key, text.apply(key), source.apply(key), expected));
    }
}
