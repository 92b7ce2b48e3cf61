package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the bytes are, and however they are cut: one answer, and no exception. */
class RequestScannerTest {
    /** What came of some bytes: how many may be passed on, and why no more. */
    private record Verdict(String passed, FramingFault fault, boolean inHead) {}

    /** Scans them in pieces of at most so many bytes. */
    private static Verdict scan(byte[] bytes, int piece) {
        RequestScanner scanner = new RequestScanner();
        StringBuilder passed = new StringBuilder();
        int again = 0;
        for (int from = 0; from < bytes.length && scanner.fault() == null; from += piece) {
            int length = again + Math.min(piece, bytes.length - from);
            ByteBuffer buffer = ByteBuffer.allocate(length + 7);
            buffer.position(7).put(bytes, from - again, length);
            int end = scanner.scan(buffer, 7, 7 + length);
            again = scanner.awaitsNext() ? 1 : 0;
            assertThat(end).isBetween(7, 7 + length);
            passed.append(new String(buffer.array(), 7, end - 7, ISO_8859_1));
        }
        return new Verdict(passed.toString(), scanner.fault(), scanner.isFaultInHead());
    }

    private static Verdict scan(String text) {
        return scan(text.getBytes(ISO_8859_1), Integer.MAX_VALUE / 2);
    }

    @Property(tries = 2000)
    void anyBytesGiveOneAnswer(@ForAll byte[] bytes) {
        assertThat(scan(bytes, 1)).isEqualTo(scan(bytes, 1 << 20));
    }

    @Property(tries = 3000)
    void almostRequestsGiveOneAnswerHoweverTheyAreCut(@ForAll("almostRequests") String text, @ForAll byte cut) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        assertThat(scan(bytes, 1 + (cut & 0xff))).isEqualTo(scan(bytes, 1)).isEqualTo(scan(bytes, 1 << 20));
    }

    /** Pieces of requests, right and wrong ones, in any order. */
    @Provide
    Arbitrary<String> almostRequests() {
        return Arbitraries.of(
                        "GET ",
                        "POST ",
                        "/a",
                        "/a?",
                        "http://h/",
                        "http://h:",
                        "?",
                        " HTTP/1.1\r\n",
                        " HTTP/1.0\r\n",
                        "Host: h\r\n",
                        "Host: h:\r\n",
                        "Host: [::1]:",
                        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: h\r\nConnection: a, Upgrade\r\nUpgrade: x\r\n\r\n",
                        "Content-Length: 3\r\n",
                        "Content-Length: 0\r\n",
                        "Transfer-Encoding: chunked\r\n",
                        "Transfer-Encoding:\tCHUNKED \r\n",
                        "Transfer-Encoding: x\r\n",
                        "abc",
                        "3\r\nabc\r\n",
                        "1;x=\"y\"\r\na\r\n",
                        "0\r\n",
                        "0\r\n\r\n",
                        "X: y\r\n",
                        "\r\n",
                        "\n",
                        "\r",
                        " ",
                        "\t",
                        ":",
                        "\u0000",
                        "\u00ff",
                        "f")
                .list()
                .ofMaxSize(14)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 1000)
    void rightRequestsPassWholeAndAreFollowedByTheNext(@ForAll("requests") List<String> requests) {
        String all = String.join("", requests);
        Verdict verdict = scan(all + "GET / HTTP/1.1\r\n X");

        assertThat(verdict.fault()).isEqualTo(FramingFault.EARLY_BLANK);
        assertThat(verdict.passed()).isEqualTo(all + "GET / HTTP/1.1\r\n");
    }

    @Provide
    Arbitrary<List<String>> requests() {
        String post = "POST /a HTTP/1.1\r\nHost: h\r\n";
        return Arbitraries.of(
                        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                        "GET / HTTP/1.0\r\n\r\n",
                        "OPTIONS * HTTP/1.1\r\nHost:  h \r\nX:\r\nY: a  b \t\r\n\r\n",
                        "GET /\u00e4|{}\"^ HTTP/1.7\r\nHost: h\r\n\r\n",
                        post + "Content-Length: 4\r\n\r\n\r\n\u0000 ",
                        post + "Content-length:  04 \r\n\r\nGET ",
                        post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        post
                                + "transfer-encoding: Chunked\r\n\r\n03;a;b=c\r\nx\r\n\r\nA\r\n0123456789\r\n000\r\nT: \r\n\r\n",
                        post + "Upgrade: h2c\r\nConnection: upgrade\r\n\r\n")
                .list()
                .ofMaxSize(8);
    }

    @Example
    void factsComeInTheOrderOfTheRequests() {
        RequestScanner scanner = new RequestScanner();
        byte[] bytes = ("GET /a? HTTP/1.1\r\nHost: h\r\n\r\nGET /a?? HTTP/1.1\r\nHost: h\r\n\r\n"
                        + "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"
                        + "GET /? HTTP/1.1\r\nHost: h\r\nConnection: x , upgrade\r\nUpgrade: websocket\r\n\r\n")
                .getBytes(ISO_8859_1);
        scanner.scan(ByteBuffer.wrap(bytes), 0, bytes.length);

        assertThat(scanner.fault()).isNull();
        assertThat(scanner.takeFacts()).isEqualTo(RequestScanner.EMPTY_QUERY);
        assertThat(scanner.takeFacts()).isEqualTo(RequestScanner.EMPTY_QUERY | RequestScanner.QUESTION_DROPPED);
        assertThat(scanner.takeFacts()).isZero();
        assertThat(scanner.takeFacts()).isEqualTo(RequestScanner.EMPTY_QUERY | RequestScanner.UPGRADE);
        assertThat(scanner.awaitsUpgrade()).isTrue();
    }

    @Example
    void emptyLinesInFrontOfARequestAreTakenOut() {
        Verdict verdict = scan("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");

        assertThat(verdict.fault()).isNull();
        assertThat(verdict.passed()).isEqualTo("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    @Example
    void aHeadHasBounds() {
        String line = "X-Long: " + "x".repeat(1000) + "\r\n";
        assertThat(scan("GET /" + "a".repeat(16 * 1024) + " HTTP/1.1\r\n").fault())
                .isEqualTo(FramingFault.TARGET_TOO_LONG);
        assertThat(scan("GET / HTTP/1.1\r\n" + line.repeat(70)).fault()).isEqualTo(FramingFault.HEAD_TOO_LARGE);
        assertThat(scan("GET / HTTP/1.1\r\nX: " + "x".repeat(70_000)).fault()).isEqualTo(FramingFault.HEAD_TOO_LARGE);
        assertThat(scan("GET / HTTP/1.1\r\n" + "a:\r\n".repeat(201)).fault()).isEqualTo(FramingFault.TOO_MANY_FIELDS);
        assertThat(scan("\r\n".repeat(9)).fault()).isEqualTo(FramingFault.REQUEST_LINE);
        assertThat(scan("A".repeat(40) + " / HTTP/1.1\r\n").fault()).isEqualTo(FramingFault.METHOD_TOO_LONG);
    }

    @Example
    void chunkedContentHasBoundsBesideItsData() {
        String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(scan(head + "1;" + "x".repeat(17_000)).fault()).isEqualTo(FramingFault.CHUNK_EXTENSION);
        assertThat(scan(head + ("1;" + "x".repeat(1000) + "\r\na\r\n").repeat(18))
                        .fault())
                .isEqualTo(FramingFault.CHUNK_EXTENSION);
        assertThat(scan(head + "0\r\n" + "X: y\r\n".repeat(4000)).fault()).isEqualTo(FramingFault.TRAILER);
        assertThat(scan(head + "10000000000000000\r\n").fault()).isEqualTo(FramingFault.CHUNK_SIZE);
        assertThat(scan(head + "ffffffffffffffff\r\n").fault()).isEqualTo(FramingFault.CHUNK_SIZE);
        assertThat(scan(head + "7fffffffffffffff\r\nabc").fault()).isNull();
    }
}
