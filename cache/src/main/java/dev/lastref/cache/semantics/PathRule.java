package dev.lastref.cache.semantics;

import java.util.List;
import java.util.Locale;

/**
 * What an operator has said of the URLs that match one of some patterns. Which rule a URL has is told by {@link PathRules}.
 *
 * @param name by which the operator calls it
 * @param priority of two rules that match, the one with the greater goes first
 * @param hosts {@code www.example.com}, or {@code *.example.com}; none: every host. Ports do not count
 * @param paths {@code /api/*}, where the asterisk stands for any characters, slashes included; at least one
 * @param pass whether requests go to the origin without a look at the store, and their responses are not stored
 * @param storage what may be stored, and for how long
 * @param query which parameters count
 * @param keyFields names of request fields by which responses are kept apart, as if each of them were named in Vary
 * @param tags that responses have beside their own, to be purged by
 */
public record PathRule(
        String name,
        int priority,
        List<String> hosts,
        List<String> paths,
        boolean pass,
        StorageRules storage,
        QueryChoice query,
        List<String> keyFields,
        List<String> tags) {
    public PathRule {
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        for (String host : hosts) {
            if (!host.matches("(\\*\\.)?[a-z0-9._-]+|\\[[0-9a-f:.]+]|\\*")) {
                throw new IllegalArgumentException(
                        "\"" + host + "\" is no host, such as www.example.com or *.example.com");
            }
        }
        paths = List.copyOf(paths);
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("a rule is about paths, and none is named");
        }
        for (String path : paths) {
            checkPath(path);
        }
        keyFields = keyFields.stream().map(Ascii::lower).toList();
        for (String field : keyFields) {
            if (!Ascii.isToken(field) || HopByHop.of(FieldList.EMPTY).drops(field)) {
                throw new IllegalArgumentException("\"" + field + "\" is no request field that the origin gets");
            }
        }
        tags = List.copyOf(tags);
    }

    private static void checkPath(String path) {
        if (!path.startsWith("/") && !path.startsWith("*")) {
            throw new IllegalArgumentException("\"" + path + "\" begins with neither / nor *");
        }
        if (path.chars().anyMatch(c -> c <= ' ' || c == 0x7f || c == '?' || c == '#')) {
            throw new IllegalArgumentException(
                    "\"" + path + "\" has a character that no path has; what is behind the ? is not matched");
        }
    }
}
