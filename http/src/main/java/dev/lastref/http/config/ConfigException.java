package dev.lastref.http.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A setting that cannot be used: the message names key, value, where it was set, and what was expected. No password is in it. */
public final class ConfigException extends RuntimeException {
    /** What stands in a URL in front of its host, to the last at sign there is: a password may have some, unencoded. */
    private static final Pattern USER_INFORMATION = Pattern.compile("^((?:[^/:@]*:)?//|[^/:@]*:).*@", Pattern.DOTALL);

    /** What looks like one behind a value, and is a part of it (java.util.Properties). */
    private static final Pattern COMMENT = Pattern.compile("\\S\\s+[#!]");

    private static final Pattern STEERING = Pattern.compile("[\\p{Cc}\\p{Cf}]");
    /** What Java makes of bytes that are no characters in the locale's encoding. */
    private static final char UNREADABLE = '\ufffd';

    private final transient List<String> each;

    public ConfigException(String message) {
        super(message);
        each = List.of(message);
    }

    private ConfigException(List<String> each) {
        super(String.join("\n", each));
        this.each = List.copyOf(each);
    }

    /** @param near the keys that were probably meant, if any */
    static ConfigException unknown(String key, String value, String source, List<String> near) {
        String meant = switch (near.size()) {
            case 0 -> ": lastref config --markdown has all there are";
            case 1 -> "; the nearest is " + near.get(0);
            default -> "; the nearest are " + String.join(", ", near);
        };
        return of(key, value, source, "a known key" + meant);
    }

    /** Of a key that one source has twice nobody knows which value is meant. */
    public static ConfigException twice(String key, String value, String source, String before) {
        return of(key, value, source, "each key once; it is there before, as \"" + shown(before) + "\"");
    }

    static ConfigException of(String key, String value, String source, String expected) {
        String comment = COMMENT.matcher(value).find() && !ConfigSources.BESIDE_THE_FILE.contains(source)
                ? "; what follows the value is no comment, which needs a line of its own"
                : "";
        String unreadable = value.indexOf(UNREADABLE) >= 0 && ConfigSources.BESIDE_THE_FILE.contains(source)
                ? "; it was written in an encoding that is not this locale's: set LC_ALL=C.UTF-8"
                : "";
        return new ConfigException(visible(key) + " = \"" + shown(value) + "\" (" + source + "): expected " + expected
                + comment + unreadable);
    }

    /** Of several, each of which is one of {@link #each}, once. */
    public static ConfigException of(List<ConfigException> several) {
        return new ConfigException(
                several.stream().flatMap(one -> one.each.stream()).distinct().toList());
    }

    /** What is wrong, one by one. */
    public List<String> each() {
        return each;
    }

    /** All that is wrong, for a log. */
    public String inOneSentence() {
        return String.join("; ", each);
    }

    /** The same, with what was done nevertheless. */
    ConfigException and(List<String> done) {
        List<String> all = new ArrayList<>(each);
        String last = all.remove(all.size() - 1);
        all.add(done.isEmpty() ? last : last + "; " + String.join("; ", done));
        return new ConfigException(all);
    }

    private static String shown(String value) {
        return visible(USER_INFORMATION.matcher(value).replaceFirst("$1…@"));
    }

    /** Neither ends the line nor steers a terminal. */
    private static String visible(String text) {
        return STEERING.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(found.group()
                        .codePoints()
                        .mapToObj(c -> String.format(Locale.ROOT, "\\u%04x", c))
                        .collect(Collectors.joining())));
    }
}
