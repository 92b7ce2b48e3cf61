package dev.lastref.http.origin;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.message.Protocols;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a 101 must say before a connection is given to another protocol (RFC 9110, sections 7.8, 8.6 and 15.2.2; RFC 9112, section 6.1).
 * From one that leaves something of it open, client and origin could take each other's bytes for something else.
 */
final class Switching {
    private Switching() {}

    /**
     * What is wrong with a 101; null if nothing is.
     *
     * @param fields of it, as they came
     * @param offered what it may switch to
     */
    static @Nullable String faultOf(FieldList fields, List<String> offered) {
        if (fields.contains("Content-Length") || fields.contains("Transfer-Encoding")) {
            return "a change of protocol with framing of content";
        }
        if (Protocols.members(fields.all("Connection")).noneMatch("upgrade"::equalsIgnoreCase)) {
            return "a change of protocol that its Connection does not name";
        }
        List<String> chosen = Protocols.members(fields.all("Upgrade")).toList();
        if (chosen.isEmpty()) {
            return "a change of protocol that does not say to which one";
        }
        return chosen.stream().allMatch(protocol -> Protocols.contains(offered, protocol))
                ? null
                : "a change to a protocol that was not offered";
    }
}
