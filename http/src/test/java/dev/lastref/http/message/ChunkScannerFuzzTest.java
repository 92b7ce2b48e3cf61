package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

/** However chunked content is cut, its data and its end are the same, and what goes out in chunks again means the same. */
class ChunkScannerFuzzTest {
    private record Read(String data, int end, boolean over, FramingFault fault) {}

    private static Read read(byte[] bytes, int step) {
        ChunkScanner scanner = new ChunkScanner();
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
        return new Read(data.toString(), at, scanner.isOver(), scanner.fault());
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
                    + "0\r\n\r\n";
            assertThat(read(again.getBytes(ISO_8859_1), 1).data()).isEqualTo(whole.data());
        }
    }
}
