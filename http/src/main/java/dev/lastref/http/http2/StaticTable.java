package dev.lastref.http.http2;

import io.undertow.util.HttpString;
import java.util.HashMap;
import java.util.Map;

/** The fields that both sides know (RFC 7541, appendix A). */
final class StaticTable {
    private static final String[] FIELDS = {
        ":authority", "",
        ":method", "GET",
        ":method", "POST",
        ":path", "/",
        ":path", "/index.html",
        ":scheme", "http",
        ":scheme", "https",
        ":status", "200",
        ":status", "204",
        ":status", "206",
        ":status", "304",
        ":status", "400",
        ":status", "404",
        ":status", "500",
        "accept-charset", "",
        "accept-encoding", "gzip, deflate",
        "accept-language", "",
        "accept-ranges", "",
        "accept", "",
        "access-control-allow-origin", "",
        "age", "",
        "allow", "",
        "authorization", "",
        "cache-control", "",
        "content-disposition", "",
        "content-encoding", "",
        "content-language", "",
        "content-length", "",
        "content-location", "",
        "content-range", "",
        "content-type", "",
        "cookie", "",
        "date", "",
        "etag", "",
        "expect", "",
        "expires", "",
        "from", "",
        "host", "",
        "if-match", "",
        "if-modified-since", "",
        "if-none-match", "",
        "if-range", "",
        "if-unmodified-since", "",
        "last-modified", "",
        "link", "",
        "location", "",
        "max-forwards", "",
        "proxy-authenticate", "",
        "proxy-authorization", "",
        "range", "",
        "referer", "",
        "refresh", "",
        "retry-after", "",
        "server", "",
        "set-cookie", "",
        "strict-transport-security", "",
        "transfer-encoding", "",
        "user-agent", "",
        "vary", "",
        "via", "",
        "www-authenticate", ""
    };

    static final int LENGTH = FIELDS.length / 2;
    /** Of the first :status; the others follow. */
    static final int STATUS = 8;

    private static final int STATUSES = 7;
    private static final Map<HttpString, Integer> BY_NAME = byName();

    private StaticTable() {}

    private static Map<HttpString, Integer> byName() {
        Map<HttpString, Integer> made = new HashMap<>();
        for (int index = LENGTH; index > 0; index--) {
            made.put(new HttpString(name(index)), index);
        }
        return made;
    }

    /**
     * @param index from 1 to {@link #LENGTH}
     */
    static String name(int index) {
        return FIELDS[2 * index - 2];
    }

    static String value(int index) {
        return FIELDS[2 * index - 1];
    }

    /** The index of a name, whatever its case; 0 if it is not there. */
    static int indexOf(HttpString name) {
        return BY_NAME.getOrDefault(name, 0);
    }

    /** The index of a status with its value; 0 if it is not there. */
    static int indexOfStatus(String status) {
        for (int index = STATUS; index < STATUS + STATUSES; index++) {
            if (value(index).equals(status)) {
                return index;
            }
        }
        return 0;
    }
}
