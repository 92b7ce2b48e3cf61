package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lastref.cache.semantics.FieldList;
import java.nio.ByteBuffer;

/** However chunked content is cut, its data and its end are the same, and what goes out in chunks again means the same. */
class ChunkScannerFuzzTest {
    private record Read(String data, int end, boolean over, FramingFault fault, FieldList trailers) {}

    private static Read read(byte[] bytes, int step) {
        ChunkScanner scanner = ChunkScanner.keepingTrailers();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        StringBuilder data = new StringBuilder();
        int at = 0;
        int to = 0;
        while (!scanner.isOver() && scanner.fault() == null && (at < to || to < bytes.length)) {
            to = at == to ? Math.min(bytes.length, to + step) : to;
            at = scanner.scan(buffer, at, to);
            int length = (int) Math.min(scanner.dataLeft(), to - at);
            if (length > 0) {
                data.append(new String(bytes, at, length, ISO_8859_1));
                scanner.took(length);
                at += length;
            }
        }
        return new Read(data.toString(), at, scanner.isOver(), scanner.fault(), scanner.trailers());
    }

    private static String lines(FieldList fields) {
        StringBuilder lines = new StringBuilder();
        fields.forEach((name, value) -> {
            assertThat(name).matches("[^\\s:]+");
            assertThat(value).doesNotContain("\r", "\n").isEqualTo(value.strip());
            lines.append(name).append(':').append(value).append("\r\n");
        });
        return lines.toString();
    }

    @FuzzTest(maxDuration = "30s")
    void oneAnswerHoweverItIsCut(byte[] bytes) {
        Read whole = read(bytes, Math.max(1, bytes.length));
        assertThat(read(bytes, 1)).isEqualTo(whole);
        assertThat(read(bytes, 3)).isEqualTo(whole);
        if (whole.over()) {
            String again = (whole.data().isEmpty()
                            ? ""
                            : Integer.toHexString(whole.data().length()) + "\r\n" + whole.data() + "\r\n")
                    + "0\r\n" + lines(whole.trailers()) + "\r\n";
            Read twice = read(again.getBytes(ISO_8859_1), 1);
            assertThat(twice.data()).isEqualTo(whole.data());
            assertThat(twice.trailers()).isEqualTo(whole.trailers());
        }
    }
}
