package dev.lastref.http.early;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lastref.http.message.HeadLimits;
import java.nio.ByteBuffer;

/** Whatever is read as a plain head is a whole one to whoever follows the connection byte by byte. {@code mvn -Pfuzz} goes on from the seeds. */
class PlainHeadFuzzTest {
    private final PlainHead head = new PlainHead(HeadLimits.USUAL);

    @FuzzTest(maxDuration = "60s")
    void whatIsReadIsAWholeHead(byte[] bytes) {
        int end = head.read(ByteBuffer.wrap(bytes), 0, bytes.length);
        if (end == 0) {
            return;
        }
        assertThat(end).isEqualTo(PlainHeadTest.wholeEnd(bytes, HeadLimits.USUAL));
        String text = new String(bytes, 0, end, ISO_8859_1);
        assertThat(text).startsWith("GET " + head.target() + " HTTP/1.1\r\n");
        assertThat(head.fields(true)).isEqualTo(PlainHeadTest.fieldsOf(text));
    }
}
