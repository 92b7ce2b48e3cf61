package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field that is a structured list of strings (RFC 9651, sections 3.1, 3.3.3 and 4.2.1). One that is not is ignored as a whole, as
 * section 4.2 asks. Parameters are read and dropped.
 */
final class SfStrings {
    private final String text;
    private int at;

    private SfStrings(String text) {
        this.text = text;
    }

    /** The strings; empty if there is no such field, or if it is something else. */
    static List<String> of(FieldList fields, String name) {
        String value = fields.combined(name);
        if (value == null) {
            return List.of();
        }
        List<String> strings = new SfStrings(value).list();
        return strings == null ? List.of() : strings;
    }

    private @Nullable List<String> list() {
        List<String> strings = new ArrayList<>();
        skip(" ");
        while (at < text.length()) {
            String string = string();
            if (string == null || !parameters()) {
                return null;
            }
            strings.add(string);
            skip(" \t");
            if (at == text.length()) {
                return strings;
            }
            if (text.charAt(at) != ',') {
                return null;
            }
            at++;
            skip(" \t");
            if (at == text.length()) {
                return null; // a comma with nothing behind it
            }
        }
        return strings;
    }

    private @Nullable String string() {
        if (!accept('"')) {
            return null;
        }
        StringBuilder string = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return string.toString();
            }
            if (c == '\\') {
                c = at < text.length() ? text.charAt(at++) : 0;
                if (c != '"' && c != '\\') {
                    return null;
                }
            }
            if (c < ' ' || c > '~') {
                return null;
            }
            string.append(c);
        }
        return null;
    }

    /** Any number of {@code ;key} and {@code ;key=value}. */
    private boolean parameters() {
        while (accept(';')) {
            skip(" ");
            int start = at;
            while (at < text.length() && Ascii.isTokenChar(text.charAt(at))) {
                at++;
            }
            if (at == start || (accept('=') && !bareItem())) {
                return false;
            }
        }
        return true;
    }

    private boolean bareItem() {
        if (at < text.length() && text.charAt(at) == '"') {
            return string() != null;
        }
        int start = at;
        while (at < text.length() && (Ascii.isTokenChar(text.charAt(at)) || ":/=?@".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return at > start;
    }

    private boolean accept(char c) {
        boolean found = at < text.length() && text.charAt(at) == c;
        at += found ? 1 : 0;
        return found;
    }

    private void skip(String characters) {
        while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
