package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodingChoiceTest {
    private static final EncodingChoice BROTLI_OR_GZIP = new EncodingChoice(List.of("br", "GZIP"));

    @ParameterizedTest(name = "[{0}] becomes {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip, deflate, br, zstd   | br",
                "br;q=0.1, gzip            | br",
                "gzip;q=1.0, br;q=0        | gzip",
                "br;q=0.000, *             | gzip",
                "X-GZIP                    | gzip",
                "*                         | br",
                // without the field any would do
                "deflate                   | identity",
                "''                        | identity",
                "identity                  | identity",
                "gzip;q=0                  | identity",
                "*;q=0, identity           | identity",
                // what is as it is, is refused: the origin must hear that
                "deflate, identity;q=0     | deflate, identity;q=0",
                "*;q=0                     | *;q=0",
            })
    void rfc9110_12_5_3_theFirstCodingThatIsAcceptable(String sent, String expected) {
        FieldList reduced = BROTLI_OR_GZIP.apply(FieldList.of("Host", "x", "accept-encoding", sent));
        assertThat(reduced.combined("Accept-Encoding")).isEqualTo(expected);
        assertThat(reduced.first("Host")).isEqualTo("x");
    }

    @Test
    void nothingIsDoneWithoutAChoiceOrAField() {
        FieldList sent = FieldList.of("Accept-Encoding", "gzip, br");
        assertThat(EncodingChoice.NONE.apply(sent)).isSameAs(sent);
        assertThat(BROTLI_OR_GZIP.apply(FieldList.EMPTY)).isSameAs(FieldList.EMPTY);
        assertThatIllegalArgumentException().isThrownBy(() -> new EncodingChoice(List.of("a b")));
    }

    @Property
    void whateverIsSentWhatIsComparedIsOneOfAFew(@ForAll String sent) {
        String reduced =
                BROTLI_OR_GZIP.apply(FieldList.of("Accept-Encoding", sent)).combined("Accept-Encoding");
        assertThat(List.of("br", "gzip", "identity", sent)).contains(reduced);
    }
}
