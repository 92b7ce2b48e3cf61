package dev.lastref.samples.demo;

import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Locale;

/**
 * The {@code Cache-Status} field (RFC 9211) as the nearest cache wrote it: the last member of the list.
 *
 * @param text the member, or "none" where there is no such field
 * @param hit whether the response came from the cache without going forward
 */
record CacheStatus(String text, boolean hit) {

    /** What it says, without the name of the cache that says it. */
    String parameters() {
        int name = text.indexOf(';');
        return name < 0 ? text : text.substring(name + 1).strip();
    }

    static CacheStatus of(HttpHeaders headers) {
        List<String> lines = headers.allValues("Cache-Status");
        if (lines.isEmpty()) {
            return new CacheStatus("none", false);
        }
        // Quoted strings with commas occur in "detail" and "key" only; what follows the last comma still tells hit from
        // forward.
        String last = lines.get(lines.size() - 1);
        String member = last.substring(last.lastIndexOf(',') + 1).strip();
        boolean hit = false;
        for (String parameter : member.toLowerCase(Locale.ROOT).split(";", -1)) {
            hit |= parameter.strip().equals("hit") || parameter.strip().equals("hit=?1");
        }
        return new CacheStatus(member, hit);
    }
}
