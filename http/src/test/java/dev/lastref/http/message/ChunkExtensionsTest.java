package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Against the grammar of RFC 9112, section 7.1.1, as a regular expression. */
class ChunkExtensionsTest {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final String QUOTED = "\"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*\"";
    static final String GRAMMAR =
            "(?:[\\t ]*;[\\t ]*" + TOKEN + "(?:[\\t ]*=[\\t ]*(?:" + TOKEN + "|" + QUOTED + "))?)*+";

    private static final Pattern WHOLE = Pattern.compile(GRAMMAR);
    /** One byte of each kind that the grammar tells apart, and what must never pass. */
    private static final String ALPHABET = ";a= \t\"\\\u00e4\r\n\u0000,";

    private static boolean isTaken(String text) {
        ChunkExtensions extensions = new ChunkExtensions();
        extensions.begin();
        for (byte b : text.getBytes(ISO_8859_1)) {
            if (!extensions.step(b)) {
                return false;
            }
        }
        return extensions.mayEnd();
    }

    @Test
    void rfc9112_7_1_1_whatTheGrammarHasIsTakenAndNothingElse() {
        long taken = 0;
        for (int length = 1; length <= 5; length++) {
            long texts = Math.round(Math.pow(ALPHABET.length(), length));
            for (long number = 0; number < texts; number++) {
                String text = text(number, length);
                boolean right = WHOLE.matcher(text).matches();
                taken += right ? 1 : 0;
                if (isTaken(text) != right) {
                    assertThat(isTaken(text)).as(text).isEqualTo(right);
                }
            }
        }
        assertThat(taken).as("of some").isGreaterThan(90);
    }

    @Test
    void rfc9112_7_1_1_quotedTextMayHoldWhatEndsAnythingElse() {
        assertThat(isTaken(" ; a = \"b;c=\\\"d\\\\ \"\t;\te")).isTrue();
        assertThat(isTaken(";a=\"b\r\n\"")).isFalse();
        assertThat(isTaken(";a=\"b\\\n\"")).isFalse();
        assertThat(isTaken(";a=\"b\\\"")).as("not closed").isFalse();
    }

    private static String text(long number, int length) {
        StringBuilder text = new StringBuilder(length);
        long left = number;
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt((int) (left % ALPHABET.length())));
            left /= ALPHABET.length();
        }
        return text.toString();
    }
}
