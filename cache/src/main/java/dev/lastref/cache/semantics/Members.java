package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;

/** The members of a list-valued field whose members are never quoted: Vary, Connection, Age (RFC 9110, section 5.6.1). */
final class Members {
    private Members() {}

    /** In order, over all lines of the field, white space trimmed, empty members left out. */
    static List<String> of(FieldList fields, String name) {
        List<String> lines = fields.all(name);
        if (lines.isEmpty()) {
            return List.of();
        }
        List<String> members = new ArrayList<>();
        for (String line : lines) {
            addMembers(line, members);
        }
        return members;
    }

    static List<String> of(String line) {
        List<String> members = new ArrayList<>();
        addMembers(line, members);
        return members;
    }

    private static void addMembers(String line, List<String> members) {
        int start = 0;
        while (start <= line.length()) {
            int comma = line.indexOf(',', start);
            int end = comma < 0 ? line.length() : comma;
            String member = Ascii.trim(line, start, end);
            if (!member.isEmpty()) {
                members.add(member);
            }
            start = end + 1;
        }
    }
}
