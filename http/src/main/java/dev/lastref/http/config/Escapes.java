package dev.lastref.http.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what {@link java.util.Properties} refuses without saying where it is: an escape {@literal \}u that four hexadecimal digits do not follow. */
final class Escapes {
    private static final Pattern LINE_END = Pattern.compile("\r\n|\n|\r");
    private static final Pattern COMMENT = Pattern.compile("[ \t\f]*(?:[#!].*)?", Pattern.DOTALL);
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u(\\p{XDigit}{4})?|.|\\z)", Pattern.DOTALL);
    /** As much of it as anybody needs to find it. */
    private static final int SHOWN = 6;

    private Escapes() {}

    /**
     * Where the first is, and what to do, as the end of a sentence.
     *
     * @param text of a file that has one
     */
    static String wrong(String text) {
        String[] lines = LINE_END.split(text, -1);
        boolean goesOn = false;
        for (int i = 0; i < lines.length; i++) {
            if (!goesOn && COMMENT.matcher(lines[i]).matches()) {
                continue;
            }
            goesOn = false;
            Matcher escape = ESCAPE.matcher(lines[i]);
            while (escape.find()) {
                if (escape.group().equals("\\u")) {
                    int end = Math.min(lines[i].length(), escape.start() + SHOWN);
                    return "line " + (i + 1) + " has \"" + lines[i].substring(escape.start(), end)
                            + "\": expected four hexadecimal digits behind \\u, or \\\\u where a backslash is meant";
                }
                goesOn = escape.group().equals("\\");
            }
        }
        return "it has a \\u that four hexadecimal digits do not follow";
    }
}
