package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever an origin sends, and however it is cut: one answer, and no exception. */
class ResponseParserTest {
    private record Verdict(int end, boolean done, FramingFault fault, int status, String fields) {}

    private static Verdict parse(byte[] bytes, int piece) {
        ResponseParser parser = new ResponseParser();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int at = 0;
        while (at < bytes.length && !parser.isDone() && parser.fault() == null) {
            int to = Math.min(bytes.length, at + piece);
            int end = parser.parse(buffer, at, to);
            assertThat(end).isGreaterThan(at).isLessThanOrEqualTo(to);
            at = end;
        }
        return new Verdict(
                at,
                parser.isDone(),
                parser.fault(),
                parser.status(),
                parser.isDone() ? parser.fields().toString() : "");
    }

    private static Verdict parse(String text) {
        return parse(text.getBytes(ISO_8859_1), 1 << 20);
    }

    @Property(tries = 2000)
    void anyBytesGiveOneAnswer(@ForAll byte[] bytes) {
        assertThat(parse(bytes, 1)).isEqualTo(parse(bytes, 1 << 20));
    }

    @Property(tries = 3000)
    void almostHeadsGiveOneAnswerHoweverTheyAreCut(@ForAll("almostHeads") String text, @ForAll byte cut) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        assertThat(parse(bytes, 1 + (cut & 0x3f))).isEqualTo(parse(bytes, 1)).isEqualTo(parse(bytes, 1 << 20));
    }

    @Provide
    Arbitrary<String> almostHeads() {
        Arbitrary<String> first =
                Arbitraries.of("HTTP/1.1 200 OK\r\n", "HTTP/1.0 404\r\n", "HTTP/1.1 103 \r\n", "HTTP/", "");
        Arbitrary<String> rest = Arbitraries.of(
                        "A: b\r\n",
                        "Content-Length: 5\r\n",
                        "X:\t y \t\r\n",
                        " z\r\n",
                        "\r\n",
                        "\n",
                        "\r",
                        ":",
                        " ",
                        "\u0000",
                        "\u00ff",
                        "HTTP/1.1 200 OK\r\n")
                .list()
                .ofMaxSize(10)
                .map(parts -> String.join("", parts));
        return first.flatMap(line -> rest.map(more -> line + more));
    }

    @Example
    void aHeadIsReadAsItIs() {
        String head = "HTTP/1.1 299 Any reason \u00e4\r\nA:b\r\na: \t c d\t \r\nEmpty:\r\n\r\n";
        Verdict verdict = parse(head + "HTTP/1.1 200 OK\r\n");

        assertThat(verdict.done()).isTrue();
        assertThat(verdict.end()).isEqualTo(head.length());
        assertThat(verdict.status()).isEqualTo(299);
        assertThat(verdict.fields()).isEqualTo("A: b\na: c d\nEmpty: \n");
    }

    @Example
    void aHeadThatCouldBeReadInTwoWaysIsNone() {
        String ok = "HTTP/1.1 200 OK\r\n";
        assertThat(parse("HTTP/1.1 200\nA: b\r\n\r\n").fault()).isEqualTo(FramingFault.STATUS_LINE);
        assertThat(parse("HTTP/2 200 OK\r\n").fault()).isEqualTo(FramingFault.STATUS_LINE);
        assertThat(parse("HTTP/1.1 099 OK\r\n").fault()).isEqualTo(FramingFault.STATUS_LINE);
        assertThat(parse("HTTP/1.1 2000 OK\r\n").fault()).isEqualTo(FramingFault.STATUS_LINE);
        assertThat(parse("HTTP/1.1  200 OK\r\n").fault()).isEqualTo(FramingFault.STATUS_LINE);
        assertThat(parse("\r\n" + ok).fault()).isEqualTo(FramingFault.STATUS_LINE);
        assertThat(parse(ok + " A: b\r\n").fault()).isEqualTo(FramingFault.EARLY_BLANK);
        assertThat(parse(ok + "A: b\r\n c\r\n").fault()).isEqualTo(FramingFault.EARLY_BLANK);
        assertThat(parse(ok + "A : b\r\n").fault()).isEqualTo(FramingFault.FIELD_NAME);
        assertThat(parse(ok + "A\r\n").fault()).isEqualTo(FramingFault.FIELD_NAME);
        assertThat(parse(ok + "A: b\n\r\n").fault()).isEqualTo(FramingFault.FIELD_VALUE);
        assertThat(parse(ok + "A: b\rc\r\n").fault()).isEqualTo(FramingFault.FIELD_VALUE);
        assertThat(parse(ok + "A: \u0000\r\n").fault()).isEqualTo(FramingFault.FIELD_VALUE);
        assertThat(parse(ok + "\n").fault()).isEqualTo(FramingFault.FIELD_NAME);
        assertThat(parse(ok + "A: b\r\n".repeat(129)).fault()).isEqualTo(FramingFault.TOO_MANY_FIELDS);
        assertThat(parse(ok + "A: " + "b".repeat(70_000)).fault()).isEqualTo(FramingFault.HEAD_TOO_LARGE);
        assertThat(parse("HTTP/1.1 200 " + "b".repeat(70_000)).fault()).isEqualTo(FramingFault.HEAD_TOO_LARGE);
    }

    @Example
    void whatAHeadTakesOfTheHeapGrowsWithItAndCountsItsFields() {
        ResponseParser parser = new ResponseParser();
        byte[] part = ("HTTP/1.1 200 OK\r\nA: " + "b".repeat(10_000)).getBytes(ISO_8859_1);
        parser.parse(ByteBuffer.wrap(part), 0, part.length);
        assertThat(parser.heapBytes()).isBetween(10_000L, 20_000L);
        byte[] rest = ("\r\n" + "A:b\r\n".repeat(127) + "\r\n").getBytes(ISO_8859_1);
        parser.parse(ByteBuffer.wrap(rest), 0, rest.length);
        assertThat(parser.isDone()).isTrue();
        assertThat(parser.heapBytes()).isBetween(10_000L + 127 * 96, 40_000L); // two texts with an array each
        parser.reset();
        assertThat(parser.heapBytes()).isLessThan(1000);
    }
}
