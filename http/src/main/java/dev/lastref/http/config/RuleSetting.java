package dev.lastref.http.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What may be set for a rule by path, as {@code lastref.rules.NAME.} and its name. The one list of them. */
public enum RuleSetting {
    PATH("path", "paths that the rule is for, with commas between them; * is any characters; required"),
    HOST("host", "hosts that it is for, such as www.example.com or *.example.com; every host unless set"),
    PRIORITY("priority", "a number, 0 unless set; of two rules that match, the greater goes first"),
    PASS("pass", "true: neither answered from the store nor stored"),
    TTL("ttl", "lifetime of successful responses, whatever they say of it themselves"),
    DEFAULT_TTL("default-ttl", "as lastref.cache.default-ttl"),
    NEGATIVE_TTL("negative-ttl", "as lastref.cache.negative-ttl"),
    STALE_WHILE_REVALIDATE("stale-while-revalidate", "served stale while it is renewed, whatever the response says"),
    STALE_IF_ERROR("stale-if-error", "served stale if the origin fails, whatever the response says"),
    QUERY_ONLY(
            "query.only", "the only parameters that count, with commas between them and * for any characters; or none"),
    QUERY_WITHOUT("query.without", "parameters that do not count, such as utm_*,fbclid"),
    QUERY_SORT("query.sort", "true: the order of parameters does not count"),
    KEY_FIELDS("key.fields", "request fields by which responses are kept apart, as if Vary named them"),
    TAGS("tags", "tags that responses have beside their own, to be purged by");

    /** What their keys begin with; the rule's name follows. */
    public static final String KEY_PREFIX = Rules.PREFIX;

    private final String property;
    private final String meaning;

    RuleSetting(String property, String meaning) {
        this.property = property;
        this.meaning = meaning;
    }

    /** As it is typed behind the rule's name. */
    public String property() {
        return property;
    }

    public String meaning() {
        return meaning;
    }

    /** Its values, where they are words. */
    public List<String> words() {
        return switch (this) {
            case PASS, QUERY_SORT -> List.of("true", "false");
            default -> List.of();
        };
    }

    /** When a new value takes effect. */
    public Change change() {
        return switch (this) {
            case TTL, DEFAULT_TTL, NEGATIVE_TTL, STALE_WHILE_REVALIDATE, STALE_IF_ERROR -> Change.FROM_THEN_ON;
            default -> Change.AT_START;
        };
    }

    /** The key of this setting for one rule. */
    String keyOf(String rule) {
        return Rules.PREFIX + rule + "." + property;
    }

    /** As it is typed in the environment, behind the rule's name. */
    String environmentSuffix() {
        return "_" + property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static Optional<RuleSetting> ofProperty(String property) {
        return Arrays.stream(values())
                .filter(setting -> setting.property.equals(property))
                .findFirst();
    }

    static List<String> properties() {
        return Arrays.stream(values()).map(RuleSetting::property).toList();
    }
}
