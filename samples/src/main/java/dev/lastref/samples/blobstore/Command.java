package dev.lastref.samples.blobstore;

import java.util.List;

/**
 * A request's line.
 *
 * @param name of the blob; empty for STAT
 * @param length bytes that follow the line; 0 unless it is a PUT
 */
record Command(Verb verb, String name, long length) {
    enum Verb {
        PUT,
        GET,
        DELETE,
        STAT
    }

    /**
     * Reads a line, without its end.
     *
     * @throws IllegalArgumentException if it is no request, with a sentence for the client
     */
    static Command parse(String line) {
        List<String> words = List.of(line.split(" ", -1));
        Verb verb = verb(words.get(0));
        int expected = switch (verb) {
            case PUT -> 3;
            case GET, DELETE -> 2;
            case STAT -> 1;
        };
        if (words.size() != expected || words.contains("")) {
            throw new IllegalArgumentException(
                    verb + " takes " + (expected - 1) + " words, with one blank between: '" + line + "'");
        }
        String name = verb == Verb.STAT ? "" : words.get(1);
        return new Command(verb, name, verb == Verb.PUT ? length(words.get(2)) : 0);
    }

    private static Verb verb(String word) {
        try {
            return Verb.valueOf(word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + word + "' is none of PUT, GET, DELETE and STAT", e);
        }
    }

    private static long length(String word) {
        if (!word.matches("[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("a length is a number from 1 up, not '" + word + "'");
        }
        return Long.parseLong(word);
    }
}
