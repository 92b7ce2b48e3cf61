package dev.lastref.http.log;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which requests somebody wants to read of. All that is given must hold. */
public final class LogFilter implements Predicate<LoggedRequest> {
    /** What is read where nothing is given. */
    public static final LogFilter ALL = new LogFilter(request -> true);

    private static final Pattern STATUS = Pattern.compile("([1-5])(xx|\\d\\d)");
    /** A token (RFC 9110, sections 5.6.2 and 9.1). */
    private static final Pattern METHOD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** What the cache may have answered, by the names in metrics; none: it was not asked. */
    public static final List<String> CACHE_WORDS =
            List.of("hit", "miss", "stale", "revalidated", "coalesced", "bypass", "pass", "none");

    private final Predicate<LoggedRequest> test;

    private LogFilter(Predicate<LoggedRequest> test) {
        this.test = test;
    }

    @Override
    public boolean test(LoggedRequest request) {
        return test.test(request);
    }

    private LogFilter narrowed(Predicate<LoggedRequest> other) {
        return new LogFilter(test.and(other));
    }

    /**
     * Those whose status is one of these.
     *
     * @param text such as {@code 5xx,404}
     * @throws IllegalArgumentException if it is no such list
     */
    public LogFilter withStatus(String text) {
        List<String> wanted = members(text);
        if (!wanted.stream().allMatch(member -> STATUS.matcher(member).matches())) {
            throw new IllegalArgumentException(
                    "status is \"" + text + "\": expected statuses and classes of them, such as 5xx,404");
        }
        return narrowed(request -> wanted.stream()
                .anyMatch(member -> member.endsWith("xx")
                        ? request.status() / 100 == member.charAt(0) - '0'
                        : request.status() == Integer.parseInt(member)));
    }

    /**
     * Those that the cache answered so.
     *
     * @param text such as {@code miss,pass}; none: the cache was not asked
     * @throws IllegalArgumentException if it is no such list
     */
    public LogFilter withCache(String text) {
        Set<String> wanted = Set.copyOf(members(text));
        if (!CACHE_WORDS.containsAll(wanted)) {
            throw new IllegalArgumentException("cache is \"" + text + "\": expected some of "
                    + CACHE_WORDS.stream().sorted().collect(Collectors.joining(", ")) + ", with commas between them");
        }
        return narrowed(request -> wanted.contains(request.cache() == null ? "none" : request.cache()));
    }

    /**
     * Those whose path and query begin so.
     *
     * @param text as the target is, a character a byte; * is any of them; without one the beginning counts
     * @throws IllegalArgumentException if no path begins so
     */
    public LogFilter withPath(String text) {
        if (!text.startsWith("/") && !text.startsWith("*")) {
            throw new IllegalArgumentException("path is \"" + text
                    + "\": expected the beginning of a path, such as /api/, or a pattern, such as *.png");
        }
        if (!text.contains("*")) {
            return narrowed(
                    request -> request.target() != null && request.target().startsWith(text));
        }
        Pattern pattern = Pattern.compile(
                Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.DOTALL); // 0x85 would end a line
        return narrowed(request ->
                request.target() != null && pattern.matcher(request.target()).matches());
    }

    /**
     * Those with one of these methods.
     *
     * @param text such as {@code GET,HEAD}
     * @throws IllegalArgumentException if it is no such list
     */
    public LogFilter withMethod(String text) {
        Set<String> wanted = members(text).stream()
                .map(member -> member.toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        if (!wanted.stream().allMatch(member -> METHOD.matcher(member).matches())) {
            throw new IllegalArgumentException(
                    "method is \"" + text + "\": expected methods with commas between them, such as GET,HEAD");
        }
        return narrowed(request -> request.method() != null && wanted.contains(request.method()));
    }

    private static List<String> members(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(member -> member.strip().toLowerCase(Locale.ROOT))
                .toList();
    }
}
