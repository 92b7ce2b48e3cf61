package dev.lastref.http.early;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.RequestScanner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What is taken for a plain head is a whole one to whoever follows the connection byte by byte, and is what was sent. */
class PlainHeadTest {
    private static final String BEGIN = "GET /a HTTP/1.1\r\nHost: h\r\n";
    private static final String GOOD = BEGIN + "\r\n";

    private static final List<String> PLAIN = List.of(
            "Host: h\r\n",
            "Host: [::1]:80\r\n",
            "Host: a%4\r\n",
            "Host:\r\n",
            "host:  www.example.test:8080\t\r\n",
            "Accept:\r\n",
            "ACCEPT: text/html, */*;q=0.8\r\n",
            "Cookie:\t a=\"\u00e4\"; b=\u0001\r\n",
            "Cookie: " + "x".repeat(40) + "\u007f" + "y".repeat(9) + "\r\n",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\t \r\n",
            "X-Nobody-Knows: it\r\n",
            "If-None-Match: \"a\"\r\n",
            "Range: bytes=0-1\r\n",
            "Connection: keep-alive\r\n",
            "Connection: Close\r\n",
            " Accept: a\r\n",
            "Accept : a\r\n",
            ": a\r\n",
            "Accept: a\n",
            "Accept: a\r",
            "Accept: a",
            "Acc\u0000ept: a\r\n",
            "\r\n",
            "\n",
            "\r");
    private static final List<String> NOT_PLAIN = List.of(
            "Content-Length: 0\r\n",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Upgrade: websocket\r\n",
            "Connection: upgrade\r\n",
            "Expect: 100-continue\r\n",
            "X_Y: z\r\n",
            "Via: 1.1 lastref\r\n",
            "Host: h:\r\n");

    /** Where a head ends that is whole by itself and asks for no upgrade; 0: there is none, or the scanner would change it. */
    static int wholeEnd(byte[] bytes, HeadLimits limits) {
        int end = new String(bytes, ISO_8859_1).indexOf("\r\n\r\n") + 4;
        byte[] passed = bytes.clone();
        RequestScanner scanner = new RequestScanner(limits);
        boolean whole = end > 3
                && scanner.scan(ByteBuffer.wrap(passed), 0, end) == end
                && scanner.isBetweenRequests()
                && scanner.heads() == 1
                && (scanner.takeFacts() & RequestScanner.UPGRADE) == 0;
        return whole && Arrays.equals(passed, bytes) ? end : 0;
    }

    private static int read(PlainHead head, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return head.read(ByteBuffer.allocateDirect(bytes.length + 3).put(3, bytes), 3, bytes.length + 3) - 3;
    }

    private static PlainHead used(String before) {
        PlainHead head = new PlainHead(HeadLimits.USUAL);
        read(head, before);
        return head;
    }

    /** What the lines say, read as simply as can be. */
    static FieldList fieldsOf(String head) {
        FieldList.Builder fields = FieldList.builder();
        for (String line : head.split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.startsWith("GET ")) {
                fields.add(line.substring(0, colon), line.substring(colon + 1).replaceAll("^[ \t]+|[ \t]+$", ""));
            }
        }
        return fields.build();
    }

    @Property(tries = 5000)
    void aHeadOfKnownFieldsIsReadIfItIsWholeToWhoFollowsTheConnection(
            @ForAll("before") String before, @ForAll("targets") String target, @ForAll("lines") List<String> lines) {
        String text = "GET " + target + " HTTP/1.1\r\n" + String.join("", lines) + "\r\nGET";
        byte[] bytes = text.getBytes(ISO_8859_1);
        int end = wholeEnd(bytes, HeadLimits.USUAL);
        boolean plain = end > 0 && NOT_PLAIN.stream().map("\r\n"::concat).noneMatch(text.substring(0, end)::contains);
        PlainHead head = used(before);

        assertThat(read(head, text)).isEqualTo(plain ? end : 0);
        if (plain) {
            assertThat(head.target()).isEqualTo(target);
            FieldList fields = fieldsOf(text.substring(0, end));
            assertThat(head.fields(true)).isEqualTo(fields);
            assertThat(head.host().name()).isEqualTo(fields.combined("Host"));
        }
    }

    @Provide
    Arbitrary<String> before() {
        return Arbitraries.of(
                "",
                GOOD,
                GOOD.repeat(100),
                BEGIN + "X-Request-Id: a\r\nX-Forwarded-For: b\r\nX-Forwarded-Proto: c\r\nIf-None-Match: d\r\n\r\n",
                "GET /" + "b".repeat(4000) + " HTTP/1.1\r\nHost: " + "i".repeat(200) + "\r\nAccept: a\r\n\r\n",
                BEGIN + "Accept: \r\n".repeat(200));
    }

    @Provide
    Arbitrary<String> targets() {
        return Arbitraries.of(
                "/",
                "/a",
                "/a?",
                "/a??b",
                "/%41%2f?%ff",
                "/%",
                "/%4",
                "/%4 ",
                "/%zz",
                "/\u00e4{|}",
                "/a#b",
                "/a b",
                "/\u007f",
                "/\u0000",
                "/a\r",
                "//",
                "/*",
                "/" + "a".repeat(300) + "%20" + "b".repeat(20),
                "*",
                "a",
                "");
    }

    @Provide
    Arbitrary<List<String>> lines() {
        List<String> usual = new ArrayList<>(PLAIN.subList(0, 15));
        usual.removeIf(line -> line.regionMatches(true, 0, "host", 0, 4) && !line.equals("Host: h\r\n"));
        Arbitrary<List<String>> good = Arbitraries.of(usual.subList(1, usual.size()))
                .list()
                .ofMaxSize(5)
                .map(lines -> {
                    List<String> all = new ArrayList<>(List.of("Host: h\r\n"));
                    all.addAll(lines);
                    return all;
                });
        List<String> any = new ArrayList<>(PLAIN);
        any.addAll(NOT_PLAIN);
        return Arbitraries.oneOf(
                good,
                Arbitraries.of(any).list().ofMaxSize(5),
                Arbitraries.of(any).list().ofMaxSize(2).map(lines -> {
                    List<String> all = new ArrayList<>(List.of("Host: h\r\n"));
                    all.addAll(lines);
                    return all;
                }));
    }

    @Property(tries = 5000)
    void aValueOfAnyBytesIsReadIfItIsOne(@ForAll @Size(max = 40) byte[] value, @ForAll boolean early) {
        String line = "Cookie:" + new String(value, ISO_8859_1) + "\r\n";
        String text = "GET / HTTP/1.1\r\n" + (early ? line + "Host: h\r\n" : "Host: h\r\n" + line) + "\r\n";
        assertThat(read(used(GOOD), text)).isEqualTo(wholeEnd(text.getBytes(ISO_8859_1), HeadLimits.USUAL));
    }

    @Example
    void eachByteIsOneOfAValueOrIsNotWhereverItIs() {
        for (int length = 1; length < 20; length++) {
            for (int at = 0; at < length; at++) {
                for (int b = 0; b < 256; b++) {
                    String value = "v".repeat(at) + (char) b + "v".repeat(length - at - 1);
                    String text = BEGIN + "Cookie: " + value + "\r\n\r\n";
                    assertThat(read(used(""), text) > 0)
                            .as("byte %d as number %d of %d", b, at, length)
                            .isEqualTo(b >= 0x80 || b == '\t' || (b >= ' ' && b != 0x7f));
                }
            }
        }
    }

    @Example
    void aHeadThatIsNotAllThereIsNotRead() {
        PlainHead head = used("");
        String text = BEGIN + "Accept: a\r\n\r\n";
        for (int length = 0; length < text.length(); length++) {
            read(head, text); // whose bytes lie behind those that come next
            assertThat(read(head, text.substring(0, length)))
                    .as("%d bytes", length)
                    .isZero();
        }
        assertThat(read(head, text)).isEqualTo(text.length());
    }

    @Example
    void itsBoundsAreThoseOfTheConnection() {
        String line = "Accept: a\r\n";
        for (int more = 0; more < 2; more++) {
            for (String text : List.of(
                    "GET /" + "a".repeat(19 + more) + " HTTP/1.1\r\nHost: h\r\n\r\n",
                    BEGIN + line.repeat(3 + more) + "\r\n",
                    BEGIN + "Cookie: " + "c".repeat(62 + more) + "\r\n\r\n")) {
                HeadLimits limits = new HeadLimits(20, 100, 4);
                byte[] bytes = text.getBytes(ISO_8859_1);
                int end = wholeEnd(bytes, limits);
                assertThat(end).as(text).isEqualTo(more == 0 ? bytes.length : 0);
                assertThat(read(new PlainHead(limits), text)).as(text).isEqualTo(end);
            }
        }
        assertThat(read(new PlainHead(new HeadLimits(20, 3, 4)), GOOD)).isZero();
    }

    @Example
    void hostsAreToldApart() {
        PlainHead head = used(GOOD);
        for (int i = 0; i < 1000; i++) {
            String text = "GET /a HTTP/1.1\r\nHost: h" + i + "\r\n\r\n";
            assertThat(read(head, text)).isEqualTo(text.length());
            assertThat(head.host().name()).isEqualTo("h" + i);
        }
        assertThat(read(head, "GET /a HTTP/1.1\r\nHost: " + "h".repeat(256) + "\r\n\r\n"))
                .isZero();
    }
}
