package dev.lastref.cache.semantics;

import org.jspecify.annotations.Nullable;

/**
 * Reads one line of directives, {@code name}, {@code name=token} or {@code name="quoted"}, as Cache-Control and Pragma
 * have them (RFC 9111, sections 5.2 and 5.4).
 *
 * <p>Any string is accepted, in time linear in its length: a client chooses it. White space around members and empty
 * members are skipped. A member that does not start with a token is left out. What follows a name and is no proper
 * argument is handed on raw, so that {@code max-age=60; x} and {@code max-age= 60} are an invalid max-age and not sixty
 * seconds.
 *
 * <p>Where a quote is never closed, nobody can say what was meant to be quoted. Such a quote is an ordinary character, and
 * the names behind all quotes and commas of the line are handed on besides, so that none can hide a {@code no-store}. What
 * permits something is not to be believed then.
 */
final class DirectiveParser {
    /** Receives the directives in order; the name is in lower case, the argument null where there is none. */
    interface Sink {
        void directive(String name, @Nullable String argument);
    }

    private final String line;
    private int at;

    /** Once a quote was found open, later ones are not looked at again: that would take quadratic time. */
    private boolean quotesAreOrdinary;

    private DirectiveParser(String line) {
        this.line = line;
    }

    /** Returns whether every quote is closed. */
    static boolean parse(String line, Sink sink) {
        return new DirectiveParser(line).parse(sink);
    }

    private boolean parse(Sink sink) {
        while (skipToMember()) {
            String name = name();
            if (name.isEmpty()) {
                at = endOfMember();
                continue;
            }
            int end = at;
            skipOws();
            if (atEndOfMember()) {
                sink.directive(name, null);
            } else if (at == end && line.charAt(at) == '=' && !isOws(at + 1)) {
                at++;
                sink.directive(name, argument());
            } else {
                sink.directive(name, raw(at));
            }
        }
        if (quotesAreOrdinary) {
            namesBetweenQuotes(sink);
        }
        return !quotesAreOrdinary;
    }

    /** What may have been meant as a directive. */
    private void namesBetweenQuotes(Sink sink) {
        at = 0;
        while (at < line.length()) {
            skipOws();
            String name = name();
            if (!name.isEmpty()) {
                sink.directive(name, null);
            }
            while (at < line.length() && line.charAt(at) != ',' && line.charAt(at) != '"') {
                at++;
            }
            at++;
        }
    }

    private boolean isOws(int i) {
        return i < line.length() && Ascii.isOws(line.charAt(i));
    }

    private boolean skipToMember() {
        while (at < line.length() && (line.charAt(at) == ',' || Ascii.isOws(line.charAt(at)))) {
            at++;
        }
        return at < line.length();
    }

    private void skipOws() {
        while (at < line.length() && Ascii.isOws(line.charAt(at))) {
            at++;
        }
    }

    private boolean atEndOfMember() {
        return at >= line.length() || line.charAt(at) == ',';
    }

    private String name() {
        int start = at;
        while (at < line.length() && Ascii.isTokenChar(line.charAt(at))) {
            at++;
        }
        return Ascii.lower(line.substring(start, at));
    }

    private String argument() {
        int start = at;
        int close = at < line.length() && line.charAt(at) == '"' ? closingQuote(at) : -1;
        if (close < 0) {
            return raw(start);
        }
        at = close + 1;
        skipOws();
        return atEndOfMember() ? unescape(start + 1, close) : raw(start);
    }

    private String raw(int start) {
        at = endOfMember();
        return Ascii.trim(line, start, at);
    }

    /** The comma that ends the member at hand, or the end of the line; a comma within quotes ends nothing. */
    private int endOfMember() {
        int i = at;
        while (i < line.length() && line.charAt(i) != ',') {
            int close = line.charAt(i) == '"' ? closingQuote(i) : -1;
            i = (close < 0 ? i : close) + 1;
        }
        return i;
    }

    private int closingQuote(int open) {
        if (quotesAreOrdinary) {
            return -1;
        }
        for (int i = open + 1; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                return i;
            }
            if (c == '\\') {
                i++;
            }
        }
        quotesAreOrdinary = true;
        return -1;
    }

    private String unescape(int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            if (line.charAt(i) == '\\') {
                i++;
            }
            text.append(line.charAt(i));
        }
        return text.toString();
    }
}
