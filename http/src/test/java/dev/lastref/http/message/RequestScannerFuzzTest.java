package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the scanner passes on is read once more, by a slow reader made of regular expressions: every message in it must be one by the
 * grammar of RFC 9112, and end where the grammar says. However the bytes are cut, the answer is the same. {@code mvn -Pfuzz} goes on from the
 * seeds, guided by coverage.
 */
class RequestScannerFuzzTest {
    private static final Pattern HEAD =
            Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [!-\"$-~\\x80-\\xff]+ HTTP/1\\.(\\d)\\r\\n"
                    + "((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t -~\\x80-\\xff]*\\r\\n)*)\\r\\n");
    private static final Pattern CHUNK =
            Pattern.compile("([0-9A-Fa-f]{1,16})" + ChunkExtensionsTest.GRAMMAR + "\\r\\n");
    private static final Pattern TRAILERS =
            Pattern.compile("(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t -~\\x80-\\xff]*\\r\\n)*\\r\\n");

    @FuzzTest(maxDuration = "60s")
    void whatIsPassedOnIsMessagesByTheGrammar(byte[] bytes) {
        RequestScanner scanner = new RequestScanner();
        ByteBuffer whole = ByteBuffer.wrap(bytes.clone());
        int end = scanner.scan(whole, 0, bytes.length);
        assertThat(end).isBetween(0, bytes.length);
        String passed = new String(whole.array(), 0, end, ISO_8859_1);

        RequestScanner again = new RequestScanner();
        StringBuilder pieces = new StringBuilder();
        int step = bytes.length == 0 ? 1 : 1 + (bytes[0] & 7);
        for (int next = 0; next < bytes.length && again.fault() == null; next += step) {
            ByteBuffer piece = ByteBuffer.wrap(bytes.clone());
            int to = Math.min(bytes.length, next + step);
            int from = next - (again.awaitsNext() ? 1 : 0);
            int at = again.scan(piece, from, to);
            pieces.append(new String(piece.array(), from, at - from, ISO_8859_1));
        }
        assertThat(pieces).hasToString(passed);
        assertThat(again.fault()).isEqualTo(scanner.fault());

        checkRequests(passed);
    }

    /** One request behind the other; a part of one may be the last. Behind a request to upgrade nothing is passed on. */
    private static void checkRequests(String passed) {
        int at = 0;
        while (at < passed.length()) {
            Matcher head = HEAD.matcher(passed).region(at, passed.length());
            if (!head.lookingAt()) {
                assertThat(passed.substring(at))
                        .as("a head that ended, and is none")
                        .doesNotContain("\r\n\r\n");
                return;
            }
            at = contentEnd(passed, head.end(), head.group(2), head.group(1));
            if (at < 0) {
                return;
            }
        }
    }

    /** Where the content ends; -1 if that has not come. */
    private static int contentEnd(String passed, int from, String fields, String minor) {
        Matcher length =
                Pattern.compile("(?imd)^content-length:[\\t ]*(.*?)[\\t ]*\\r$").matcher(fields);
        Matcher coding = Pattern.compile("(?imd)^transfer-encoding:[\\t ]*(.*?)[\\t ]*\\r$")
                .matcher(fields);
        if (coding.find()) {
            assertThat(coding.group(1)).isEqualToIgnoringCase("chunked");
            assertThat(coding.find()).as("a second coding").isFalse();
            assertThat(length.find()).as("a length beside a coding").isFalse();
            assertThat(minor).isNotEqualTo("0");
            return chunksEnd(passed, from);
        }
        if (!length.find()) {
            return from;
        }
        assertThat(length.group(1)).matches("\\d{1,18}");
        long end = from + Long.parseLong(length.group(1));
        assertThat(length.find()).as("a second length").isFalse();
        return end > passed.length() ? -1 : (int) end;
    }

    private static int chunksEnd(String passed, int from) {
        int at = from;
        while (true) {
            Matcher size = CHUNK.matcher(passed).region(at, passed.length());
            if (!size.lookingAt()) {
                return -1;
            }
            long length = Long.parseUnsignedLong(size.group(1), 16);
            if (length == 0) {
                Matcher trailers = TRAILERS.matcher(passed).region(size.end(), passed.length());
                return trailers.lookingAt() ? trailers.end() : -1;
            }
            long end = size.end() + length;
            if (end + 2 > passed.length()) {
                return -1;
            }
            assertThat(passed.substring((int) end, (int) end + 2)).isEqualTo("\r\n");
            at = (int) end + 2;
        }
    }
}
