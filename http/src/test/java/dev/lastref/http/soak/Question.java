package dev.lastref.http.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a client asks for.
 *
 * @param knownTag what the client has already, and asks whether it is still right; null: it does not
 * @param first of a range, and {@code last}; -1: all of it
 * @param leavesAfter bytes of the content after which the client goes; -1: it stays
 * @param slow whether it reads slowly
 */
record Question(
        Resource resource,
        String method,
        String language,
        String knownTag,
        int first,
        int last,
        int leavesAfter,
        boolean slow) {
    /**
     * @param known the last tag of each resource in each language
     */
    static Question next(Random random, List<Resource> resources, Map<String, String> known) {
        Resource asked = Resource.next(random, resources);
        String language = Resource.LANGUAGES.get(random.nextInt(Resource.LANGUAGES.size()));
        int kind = random.nextInt(20);
        boolean ranged = kind < 4;
        int first = ranged ? random.nextInt(asked.leastLength()) : -1;
        int last = ranged ? first + random.nextInt(asked.leastLength() - first) : -1;
        return new Question(
                asked,
                kind == 4 ? "HEAD" : "GET",
                language,
                kind > 4 && kind < 8 ? known.get(asked.target() + language) : null,
                first,
                last,
                kind == 8 ? random.nextInt(asked.leastLength()) : -1,
                kind == 9);
    }

    /** Keeps what is said of a response for a later question. */
    void learn(Map<String, String> known, String tag) {
        known.put(resource.target() + language, tag);
    }

    boolean isRanged() {
        return first >= 0;
    }

    boolean leaves() {
        return leavesAfter >= 0;
    }

    /** Lines of the request's head, as name and value. */
    List<String[]> fields() {
        List<String[]> fields = new ArrayList<>();
        fields.add(new String[] {"Accept-Language", language});
        if (knownTag != null) {
            fields.add(new String[] {"If-None-Match", knownTag});
        }
        if (isRanged()) {
            fields.add(new String[] {"Range", "bytes=" + first + "-" + last});
        }
        return fields;
    }
}
