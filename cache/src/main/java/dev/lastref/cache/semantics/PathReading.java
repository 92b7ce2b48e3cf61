package dev.lastref.cache.semantics;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/**
 * The ways in which an origin may read a path. Most paths can be read in one way only. One with percent-encoding, dot segments, empty
 * segments, parameters or backslashes can be read as it stands, or as what it comes to, and origins differ (RFC 3986, sections 3.3 and 6.2.2).
 */
final class PathReading {
    private PathReading() {}

    /** Whether it can be read in one way only. */
    static boolean isPlain(String target, int end) {
        for (int i = 0; i < end; i++) {
            char c = target.charAt(i);
            if (c == '%' || c == ';' || c == '\\') {
                return false;
            }
            if (c == '/' && i + 1 < end && (target.charAt(i + 1) == '/' || target.charAt(i + 1) == '.')) {
                return false;
            }
        }
        return true;
    }

    /** With percent-encoding decoded, but for slashes, and nothing else changed: bytes as characters. */
    static String literal(String path) {
        return decoded(path, false);
    }

    /** A pattern as an operator wrote it, to be held against {@link #literal} and {@link #resolved}. */
    static String pattern(String text) {
        return decoded(new String(text.getBytes(UTF_8), ISO_8859_1), true);
    }

    /** What it comes to: all decoded, backslashes as slashes, without parameters, empty and dot segments. */
    static String resolved(String path) {
        String all = decoded(path, true).replace('\\', '/');
        List<String> segments = new ArrayList<>();
        boolean directory = false;
        for (int from = 0; from <= all.length(); ) {
            int slash = all.indexOf('/', from);
            int to = slash < 0 ? all.length() : slash;
            String segment = withoutParameters(all.substring(from, to));
            directory = segment.isEmpty() || segment.equals(".") || segment.equals("..");
            if (segment.equals("..") && !segments.isEmpty()) {
                segments.remove(segments.size() - 1);
            } else if (!directory) {
                segments.add(segment);
            }
            from = to + 1;
        }
        return "/" + String.join("/", segments) + (directory && !segments.isEmpty() ? "/" : "");
    }

    private static String withoutParameters(String segment) {
        int semicolon = segment.indexOf(';');
        return semicolon < 0 ? segment : segment.substring(0, semicolon);
    }

    private static String decoded(String path, boolean slashesToo) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder text = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int high = c == '%' && i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(path.charAt(i + 2), 16);
            int octet = low < 0 ? -1 : high << 4 | low;
            if (octet < 0 || (octet == '/' && !slashesToo)) {
                text.append(c);
            } else {
                text.append((char) octet);
                i += 2;
            }
        }
        return text.toString();
    }
}
