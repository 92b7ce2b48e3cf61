package dev.lastref.http.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.undertow.util.HeaderMap;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 7541, appendix C, what breaks it, and any bytes at all. */
class FieldDecoderTest {
    private final FieldDecoder decoder = new FieldDecoder();

    private List<String> decode(String hex) throws ConnectionFault {
        List<String> fields = new ArrayList<>();
        decoder.decode(
                ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))),
                (name, value) -> fields.add(name + ": " + value));
        return fields;
    }

    @Test
    void c3RequestsWithoutHuffmanCode() throws Exception {
        assertThat(decode("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"))
                .containsExactly(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
        assertThat(decode("8286 84be 5808 6e6f 2d63 6163 6865"))
                .containsExactly(
                        ":method: GET",
                        ":scheme: http",
                        ":path: /",
                        ":authority: www.example.com",
                        "cache-control: no-cache");
        assertThat(decode("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"))
                .containsExactly(
                        ":method: GET",
                        ":scheme: https",
                        ":path: /index.html",
                        ":authority: www.example.com",
                        "custom-key: custom-value");
    }

    @Test
    void c4RequestsWithHuffmanCode() throws Exception {
        assertThat(decode("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"))
                .containsExactly(":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
        assertThat(decode("8286 84be 5886 a8eb 1064 9cbf")).contains("cache-control: no-cache");
        assertThat(decode("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"))
                .contains(":authority: www.example.com", "custom-key: custom-value");
    }

    @Test
    void c5ResponsesThatEvictFromATableOf256Bytes() throws Exception {
        decode("3fe1 01");
        assertThat(decode(
                        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32"
                                + "3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"))
                .containsExactly(
                        ":status: 302",
                        "cache-control: private",
                        "date: Mon, 21 Oct 2013 20:13:21 GMT",
                        "location: https://www.example.com");
        assertThat(decode("4803 3330 37c1 c0bf"))
                .containsExactly(
                        ":status: 307",
                        "cache-control: private",
                        "date: Mon, 21 Oct 2013 20:13:21 GMT",
                        "location: https://www.example.com");
        assertThat(decode(
                        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970"
                                + "7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178"
                                + "2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31"))
                .containsExactly(
                        ":status: 200",
                        "cache-control: private",
                        "date: Mon, 21 Oct 2013 20:13:22 GMT",
                        "location: https://www.example.com",
                        "content-encoding: gzip",
                        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
        assertThatThrownBy(() -> decode("c1"))
                .as("the fourth entry was evicted")
                .isInstanceOf(ConnectionFault.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // index 0
                "be", // no such entry
                "ff", // a number that is cut off
                "ff ffff ffff 7f", // one that is too large
                "41", // a value that is missing
                "41 05 6162", // one that is too short
                "00 81", // a name that is cut off
                "41 82 ffff", // Huffman: the end's code
                "41 81 00", // Huffman: padding that is none
                "3f e2 1f", // a table of 4097 bytes
                "82 20" // a change of size behind a field
            })
    void whatIsNoBlockEndsTheConnection(String hex) {
        assertThatThrownBy(() -> decode(hex))
                .isInstanceOfSatisfying(
                        ConnectionFault.class,
                        fault -> assertThat(fault.code()).isEqualTo(ErrorCode.COMPRESSION_ERROR));
    }

    @Test
    void anEntryLargerThanTheTableEmptiesIt() throws Exception {
        decode("400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65");
        assertThat(decode("be")).containsExactly("custom-key: custom-value");
        StringBuilder large = new StringBuilder("4001 78 7f e11f"); // a value of 127 + 97 + 31 * 128 = 4192 bytes
        for (int i = 0; i < 4192; i++) {
            large.append("61");
        }
        assertThat(decode(large.toString())).hasSize(1);
        assertThatThrownBy(() -> decode("be")).isInstanceOf(ConnectionFault.class);
    }

    @Test
    void anyBytesAreFieldsOrAFaultAndTheTableStaysWithinItsBound() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            try {
                decoder.decode(ByteBuffer.wrap(bytes), (name, value) -> {});
            } catch (ConnectionFault expected) {
                // the only way out
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", " + HexFormat.of().formatHex(bytes), e);
            }
        }
    }

    @Test
    void whatIsEncodedIsDecoded() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        FieldEncoder encoder = new FieldEncoder();
        for (int round = 0; round < 500; round++) {
            HeaderMap fields = new HeaderMap();
            List<String> expected = new ArrayList<>();
            int status = 100 + random.nextInt(500);
            expected.add(":status: " + status);
            for (int i = random.nextInt(20); i > 0; i--) {
                String name = random.nextBoolean() ? "X-" + i : "Content-Type";
                byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 200)];
                random.nextBytes(value);
                fields.add(new HttpString(name), new String(value, ISO_8859_1));
                expected.add(name.toLowerCase(java.util.Locale.ROOT) + ": " + new String(value, ISO_8859_1));
            }
            fields.put(new HttpString("Connection"), "close"); // is about a connection
            List<String> got = new ArrayList<>();
            decoder.decode(encoder.encode(status, fields), (name, value) -> got.add(name + ": " + value));
            assertThat(got).as("seed " + seed).containsExactlyInAnyOrderElementsOf(expected);
        }
    }
}
