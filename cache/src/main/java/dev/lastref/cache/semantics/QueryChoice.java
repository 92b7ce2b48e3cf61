package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which parameters of a query count, and in which order. The origin is asked for what is left, so that nothing that is not part of the
 * key can change what is stored under it.
 *
 * <p>Parameters stand between ampersands, and are named by what is before their first equals sign, as sent: nothing is decoded. Those of
 * one name keep their order. Immutable.
 */
public final class QueryChoice {
    /** Leaves every target as it is. */
    public static final QueryChoice ALL = new QueryChoice(null, List.of(), false);

    private final @Nullable List<Glob> only;
    private final List<Glob> without;
    private final boolean sorted;

    private QueryChoice(@Nullable List<Glob> only, List<Glob> without, boolean sorted) {
        this.only = only;
        this.without = without;
        this.sorted = sorted;
    }

    /**
     * A choice.
     *
     * @param only names that stay, {@code *} in them for any characters; null: all
     * @param without names that go, of those
     */
    public static QueryChoice of(@Nullable List<String> only, List<String> without, boolean sorted) {
        return only == null && without.isEmpty() && !sorted
                ? ALL
                : new QueryChoice(only == null ? null : globs(only), globs(without), sorted);
    }

    private static List<Glob> globs(List<String> names) {
        return names.stream().map(Glob::new).toList();
    }

    public boolean isAll() {
        return this == ALL;
    }

    /** The target with what is left of its query; without the question mark if nothing is. */
    public String apply(String target) {
        int question = isAll() ? -1 : target.indexOf('?');
        if (question < 0) {
            return target;
        }
        List<String> kept = new ArrayList<>();
        for (int from = question + 1; from <= target.length(); ) {
            int ampersand = target.indexOf('&', from);
            int to = ampersand < 0 ? target.length() : ampersand;
            int end = endOfName(target, from, to);
            if (counts(target, from, end)) {
                kept.add(target.substring(from, to));
            }
            from = to + 1;
        }
        if (sorted) {
            kept.sort(Comparator.comparing(
                    parameter -> parameter.substring(0, endOfName(parameter, 0, parameter.length()))));
        }
        String query = String.join("&", kept);
        return query.isEmpty() ? target.substring(0, question) : target.substring(0, question + 1) + query;
    }

    private static int endOfName(String text, int from, int to) {
        int equals = text.indexOf('=', from);
        return equals < 0 || equals > to ? to : equals;
    }

    private boolean counts(String target, int from, int to) {
        return (only == null || anyMatches(only, target, from, to)) && !anyMatches(without, target, from, to);
    }

    private static boolean anyMatches(List<Glob> globs, String target, int from, int to) {
        for (Glob glob : globs) {
            if (glob.matches(target, from, to)) {
                return true;
            }
        }
        return false;
    }
}
