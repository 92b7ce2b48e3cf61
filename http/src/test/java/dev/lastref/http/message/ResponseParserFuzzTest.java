package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/** What the parser takes for a response's head is one by the grammar of RFC 9112, read by a regular expression; nothing else is. */
class ResponseParserFuzzTest {
    private static final Pattern HEAD = Pattern.compile("HTTP/1\\.\\d [1-9]\\d\\d(?: [\\t -~\\x80-\\xff]*)?\\r\\n"
            + "(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t -~\\x80-\\xff]*\\r\\n)*\\r\\n");

    @FuzzTest(maxDuration = "30s")
    void whatIsTakenForAHeadIsOne(byte[] bytes) {
        ResponseParser whole = new ResponseParser();
        int end = whole.parse(ByteBuffer.wrap(bytes), 0, bytes.length);
        assertThat(end).isBetween(0, bytes.length);
        ResponseParser pieces = new ResponseParser();
        int at = 0;
        while (at < bytes.length && !pieces.isDone() && pieces.fault() == null) {
            at = pieces.parse(ByteBuffer.wrap(bytes), at, at + 1);
        }
        assertThat(at).isEqualTo(end);
        assertThat(pieces.fault()).isEqualTo(whole.fault());
        assertThat(pieces.fields()).hasToString(whole.fields().toString());
        String read = new String(bytes, 0, end, ISO_8859_1);
        assertThat(whole.isDone())
                .isEqualTo(whole.fault() == null && HEAD.matcher(read).matches());
        if (whole.isDone()) {
            assertThat(whole.status()).isEqualTo(Integer.parseInt(read.substring(9, 12)));
            whole.fields().forEach((name, value) -> assertThat(name + value).doesNotContain("\r", "\n", "\0"));
        }
    }
}
