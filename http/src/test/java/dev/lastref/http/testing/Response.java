package dev.lastref.http.testing;

import java.util.List;
import java.util.Locale;

/**
 * A response as a client got it.
 *
 * @param status 0 if there was none
 * @param head status line and fields as they came
 * @param whole whether the content came to the end that its framing names
 * @param ending how the connection stood after it
 */
public record Response(int status, String head, byte[] body, boolean whole, RawClient.Ending ending) {
    static Response ofHead(String head) {
        return new Response(
                Integer.parseInt(head.split(" ")[1].strip()), head, new byte[0], false, RawClient.Ending.OPEN);
    }

    static Response none(String bytes, RawClient.Ending ending) {
        return new Response(0, bytes, new byte[0], false, ending);
    }

    Response with(byte[] content, boolean all, RawClient.Ending how) {
        return new Response(status, head, content, all, how);
    }

    Response endedBy(RawClient.Ending how) {
        return new Response(status, head, body, whole, how);
    }

    /** The values of a field, in their order. */
    public List<String> all(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return head.lines()
                .skip(1)
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .toList();
    }

    /** The only value of a field; null if there is none. */
    public String first(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw new AssertionError(name + " more than once in " + head);
        }
        return all.isEmpty() ? null : all.get(0);
    }

    public String cacheStatus() {
        return String.join(", ", all("Cache-Status"));
    }

    public boolean isHit() {
        return cacheStatus().contains("lastref; hit");
    }

    @Override
    public String toString() {
        return "Response{" + head.replace("\r\n", " | ") + ", " + body.length + " bytes" + (whole ? "" : ", cut short")
                + ", " + ending + "}";
    }
}
