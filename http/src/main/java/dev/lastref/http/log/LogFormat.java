package dev.lastref.http.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lastref.http.message.AddressText;
import dev.lastref.http.message.WireText;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** How a request becomes a line. For the log's thread. */
public final class LogFormat {
    private static final double NANOS_A_SECOND = 1e9;

    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private static final DateTimeFormatter COMBINED_TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneId.systemDefault());

    private LogFormat() {}

    /** What a JSON line has; what a request does not have is left out. */
    private record Line(
            String time,
            String client,
            @Nullable String peer,
            @Nullable String method,
            @Nullable String host,
            @Nullable String target,
            @Nullable String protocol,
            int status,
            long bytes,
            double seconds,
            @Nullable String cache,
            @Nullable String requestId,
            @Nullable String referer,
            @Nullable String userAgent,
            @Nullable String traceparent,
            @Nullable Boolean aborted,
            @Nullable String refused) {}

    /** One JSON object, without the end of the line. */
    public static String json(LoggedRequest request) {
        return JSON.writeValueAsString(new Line(
                Instant.ofEpochMilli(request.epochMillis()).toString(),
                client(request),
                request.peer() == null ? null : AddressText.of(request.peer()),
                request.method(),
                shown(request.host()),
                shown(request.target()),
                request.protocol(),
                request.status(),
                request.bytes(),
                request.nanos() / NANOS_A_SECOND,
                request.cache(),
                request.requestId(),
                shown(request.referer()),
                shown(request.userAgent()),
                request.traceparent(),
                request.aborted() ? true : null,
                request.refused()));
    }

    /** What came as UTF-8 is text, as in the list of what is stored. */
    private static @Nullable String shown(@Nullable String wire) {
        return wire == null ? null : WireText.shown(wire);
    }

    /** As Apache's combined format has it, without the end of the line. */
    public static String combined(LoggedRequest request) {
        StringBuilder line = new StringBuilder(200)
                .append(client(request))
                .append(" - - [")
                .append(COMBINED_TIME.format(Instant.ofEpochMilli(request.epochMillis())))
                .append("] ");
        quoted(line, requestLine(request));
        line.append(' ')
                .append(request.status())
                .append(' ')
                .append(request.bytes())
                .append(' ');
        quoted(line, request.referer());
        quoted(line.append(' '), request.userAgent());
        return line.toString();
    }

    /** As far as it is known; null: not at all. */
    private static @Nullable String requestLine(LoggedRequest request) {
        if (request.method() == null) {
            return null;
        }
        String target = request.target() == null ? "" : " " + request.target();
        return request.method() + target + (request.protocol() == null ? "" : " " + request.protocol());
    }

    private static String client(LoggedRequest request) {
        return request.client() == null ? "-" : AddressText.of(request.client());
    }

    /** What clients sent must neither end the quotes nor the line. */
    private static void quoted(StringBuilder line, @Nullable String text) {
        line.append('"');
        String given = text == null ? "-" : text;
        for (int i = 0; i < given.length(); i++) {
            char c = given.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ' || c >= 0x7f) {
                line.append(String.format(Locale.ROOT, c > 0xff ? "\\u%04x" : "\\x%02x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }
}
