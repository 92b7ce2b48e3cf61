package dev.lastref.http.message;

/**
 * Why bytes are no HTTP message whose end everybody sees at the same place. A client is answered with the status; an origin's
 * message is a bad gateway whatever is wrong with it.
 */
public enum FramingFault {
    // RFC 9112, section 3
    REQUEST_LINE(400, "a request line that is none"),
    PERCENT(400, "a percent sign in the target that two hexadecimal digits do not follow"),
    TARGET(400, "a target that is neither a path nor an http URI with a host"),
    METHOD_TOO_LONG(501, "a method of more than 32 characters"),
    TARGET_TOO_LONG(414, "a target of more bytes than lastref.limits.url"),
    VERSION(505, "not HTTP/1"),
    // RFC 9110, section 4.2.2
    PLAIN_WHERE_TLS_IS_SPOKEN(400, "plain HTTP, and this port speaks TLS: use https:// in place of http://"),
    // section 5
    EARLY_BLANK(400, "a blank where a line begins: a folded line, or a header section that begins with one"),
    FIELD_NAME(400, "a field name that is none, or not directly before its colon"),
    FIELD_VALUE(400, "a byte in a field value that may not be there, or a line that does not end with CRLF"),
    HEAD_TOO_LARGE(431, "a head of more bytes than are taken: of requests lastref.limits.head, of responses 65536"),
    TOO_MANY_FIELDS(431, "more fields than are taken: of requests lastref.limits.fields, of responses 128"),
    HEAD_TIMEOUT(408, "the head was not complete within lastref.limits.head-timeout"),
    STATUS_LINE(502, "a status line that is none"),
    // section 6.1 to 6.3
    LENGTH(400, "a Content-Length that is not one number"),
    CODING(501, "a transfer coding other than chunked"),
    CODINGS(400, "more than one Transfer-Encoding"),
    CODING_IN_HTTP_1_0(400, "a transfer coding in HTTP/1.0"),
    LENGTH_AND_CODING(400, "both Transfer-Encoding and Content-Length"),
    // section 3.2
    NO_HOST(400, "no Host"),
    HOSTS(400, "more than one Host"),
    HOST(400, "a Host that is no host"),
    // section 7.1
    CHUNK_SIZE(400, "a chunk size that is none, or too large"),
    CHUNK_EXTENSION(400, "chunk extensions that are none, or of more than 16384 bytes"),
    CHUNK_END(400, "chunk data that does not end where its size says"),
    TRAILER(400, "a trailer section that is none, or of more than 16384 bytes"),
    // section 3.2, RFC 9110, section 7.8
    BEHIND_UPGRADE(400, "bytes behind a request to upgrade that has no answer yet"),
    // RFC 9110, section 15.6.4
    NO_ROOM(503, "requests hold as much memory as they may for now: try again later"),
    // RFC 9113, sections 8.5 and 8.1
    CONNECT(405, "CONNECT, which this cache does not offer"),
    CUT_OFF(400, "content whose stream was broken off");

    private final int status;
    private final String reason;

    FramingFault(int status, String reason) {
        this.status = status;
        this.reason = reason;
    }

    /** What a client is answered. */
    public int status() {
        return status;
    }

    public String reason() {
        return reason;
    }
}
