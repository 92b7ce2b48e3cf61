package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules by URL, and which of them a URL has: one at most. Of those that match, the greater priority goes first; then a rule that
 * names hosts goes before one that does not, the pattern with more characters other than {@code *} before one with fewer, an exact
 * one before one with an asterisk, and at last the rule whose name comes first.
 *
 * <p>A path that can be read in two ways ({@code /static/..%2faccount}) has a rule only if both readings lead to the same one: who can
 * choose how to write a path must not choose what may be stored. If one of them leads to a rule that passes, it is passed.
 *
 * <p>Immutable. For a plain path nothing is allocated.
 */
public final class PathRules {
    /** There are none. */
    public static final PathRules NONE = new PathRules(List.of());

    private record Candidate(PathRule rule, Glob path) {}

    private static final Comparator<Candidate> ORDER = Comparator.<Candidate>comparingInt(one -> -one.rule.priority())
            .thenComparing(one -> one.rule.hosts().isEmpty())
            .thenComparingInt(one -> -one.path.literals())
            .thenComparing(one -> !one.path.isExact())
            .thenComparing(one -> one.rule.name());

    private final List<PathRule> rules;
    private final Candidate[] inOrder;

    public PathRules(List<PathRule> rules) {
        this.rules = List.copyOf(rules);
        List<Candidate> candidates = new ArrayList<>();
        for (PathRule rule : rules) {
            for (String path : rule.paths()) {
                candidates.add(new Candidate(rule, new Glob(PathReading.pattern(path))));
            }
        }
        candidates.sort(ORDER);
        this.inOrder = candidates.toArray(new Candidate[0]);
    }

    public List<PathRule> all() {
        return rules;
    }

    public boolean isEmpty() {
        return inOrder.length == 0;
    }

    /** The rule of what is stored, or would be, under a key. */
    public @Nullable PathRule of(CacheKey key) {
        return isEmpty() ? null : of(key.authority(), key.target());
    }

    /**
     * The rule of a URL.
     *
     * @param authority host, and perhaps a port
     * @param target path and query; what is behind a blank does not count
     * @return null if it has none
     */
    public @Nullable PathRule of(String authority, String target) {
        if (isEmpty()) {
            return null;
        }
        int end = endOfPath(target);
        if (PathReading.isPlain(target, end)) {
            return first(authority, target, end);
        }
        String path = target.substring(0, end);
        PathRule literal = first(authority, PathReading.literal(path));
        PathRule resolved = first(authority, PathReading.resolved(path));
        if (Objects.equals(literal, resolved) || (literal != null && literal.pass())) {
            return literal;
        }
        return resolved != null && resolved.pass() ? resolved : null;
    }

    private static int endOfPath(String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '?' || c == ' ') {
                return i;
            }
        }
        return target.length();
    }

    private @Nullable PathRule first(String authority, String path) {
        return first(authority, path, path.length());
    }

    private @Nullable PathRule first(String authority, String path, int end) {
        for (Candidate candidate : inOrder) {
            if (candidate.path.matches(path, 0, end) && isOfHost(candidate.rule, authority)) {
                return candidate.rule;
            }
        }
        return null;
    }

    private static boolean isOfHost(PathRule rule, String authority) {
        List<String> hosts = rule.hosts();
        if (hosts.isEmpty()) {
            return true;
        }
        int colon = authority.lastIndexOf(':');
        int end = colon < 0 || authority.endsWith("]") ? authority.length() : colon;
        for (int i = 0; i < hosts.size(); i++) {
            String host = hosts.get(i);
            int wild = host.startsWith("*") ? 1 : 0;
            int length = host.length() - wild;
            boolean fits = wild == 1 ? end >= length : end == length;
            if (fits && authority.regionMatches(true, end - length, host, wild, length)) {
                return true;
            }
        }
        return false;
    }

    /** The key under which what a key names is stored: with what counts of its query. */
    public CacheKey keyed(CacheKey key) {
        PathRule rule = of(key);
        if (rule == null || rule.query().isAll()) {
            return key;
        }
        String target = key.target();
        int blank = target.indexOf(' ');
        String uri = blank < 0 ? target : target.substring(0, blank);
        String more = blank < 0 ? "" : target.substring(blank);
        return CacheKey.of(
                key.method(), key.scheme(), key.authority(), rule.query().apply(uri) + more);
    }

    /** Every target under which what this target names may be stored, on one host or another: itself, and with what counts of its query. */
    public Set<String> targetsOf(String target) {
        Set<String> targets = new LinkedHashSet<>();
        targets.add(target);
        int end = endOfPath(target);
        for (Candidate candidate : inOrder) {
            if (!candidate.rule.query().isAll() && candidate.path.matches(target, 0, end)) {
                targets.add(candidate.rule.query().apply(target));
            }
        }
        return targets;
    }

    /** By which fields the responses of a resource are kept apart: what the response says, and what the rule adds. */
    public VaryRule varyOf(CacheKey key, FieldList response) {
        VaryRule stated = VaryRule.of(response);
        PathRule rule = of(key);
        return rule == null ? stated : stated.and(rule.keyFields());
    }

    /** The tags of a response: its own, and those of the rule. */
    public List<String> tagsOf(CacheKey key, FieldList response) {
        List<String> own = CacheTags.of(response);
        PathRule rule = of(key);
        if (rule == null || rule.tags().isEmpty()) {
            return own;
        }
        Set<String> all = new LinkedHashSet<>(own);
        all.addAll(rule.tags());
        return List.copyOf(all);
    }
}
