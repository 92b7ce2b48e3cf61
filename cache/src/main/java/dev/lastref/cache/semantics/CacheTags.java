package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * The names by which a response can be purged together with others: {@code Surrogate-Key} and {@code xkey}, apart by white space;
 * {@code Cache-Tag}, apart by commas; {@code Cache-Groups}, a list of strings (RFC 9875). Case matters. They are passed on to clients
 * as they came.
 */
public final class CacheTags {
    private CacheTags() {}

    /** All names of a response, each once; mostly there are none, and that costs no garbage. */
    public static List<String> of(FieldList response) {
        List<String> tags = List.of();
        for (int i = 0; i < response.size(); i++) {
            String name = response.name(i);
            if (Ascii.equalsIgnoreCase(name, "Surrogate-Key") || Ascii.equalsIgnoreCase(name, "xkey")) {
                tags = addWords(tags, response.value(i), " \t");
            } else if (Ascii.equalsIgnoreCase(name, "Cache-Tag")) {
                tags = addWords(tags, response.value(i), ",");
            }
        }
        for (String group : groups(response)) {
            tags = add(tags, group);
        }
        return tags;
    }

    /** The groups alone, which mean something within their origin only. */
    public static List<String> groups(FieldList response) {
        return SfStrings.of(response, "Cache-Groups");
    }

    private static List<String> addWords(List<String> tags, String value, String separators) {
        List<String> all = tags;
        for (StringTokenizer words = new StringTokenizer(value, separators); words.hasMoreTokens(); ) {
            String word = Ascii.trim(words.nextToken());
            if (!word.isEmpty()) {
                all = add(all, word);
            }
        }
        return all;
    }

    private static List<String> add(List<String> tags, String tag) {
        List<String> all = tags.isEmpty() ? new ArrayList<>(4) : tags;
        if (!all.contains(tag)) {
            all.add(tag);
        }
        return all;
    }
}
