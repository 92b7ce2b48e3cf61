package dev.lastref.http.early;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.serve.ForwardedFields;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the long way looks at by its name means something here too; what is sent on as it came is all that nobody looks at. */
class FieldMeaningTest {
    private static FieldMeaning of(String name) {
        byte[] bytes = ("a" + name + "b").getBytes(US_ASCII);
        FieldMeaning found = FieldMeaning.of(bytes, 1, 1 + name.length());
        for (String other : List.of(name.toLowerCase(Locale.ROOT), name.toUpperCase(Locale.ROOT))) {
            assertThat(FieldMeaning.of(other.getBytes(US_ASCII), 0, name.length()))
                    .as(other)
                    .isEqualTo(found);
        }
        return found;
    }

    static Stream<String> lookedAt() {
        return Stream.of(
                        HopByHop.always().stream(),
                        ForwardedFields.names().stream(),
                        ForwardedFields.nobodys().stream(),
                        ForwardedFields.prefixes().stream().map(prefix -> prefix + "x"),
                        ForwardedFields.names().stream()
                                .filter(name -> name.contains("-"))
                                .map(name -> name.replace('-', '_')),
                        RequestPolicy.fieldsRead().stream(),
                        Stream.of("Host", "Connection", "Via", "X-Request-Id", "Expect", "Max-Forwards"))
                .flatMap(names -> names)
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("lookedAt")
    void whatTheLongWayLooksAtMeansSomething(String name) {
        assertThat(of(name)).isNotEqualTo(FieldMeaning.NONE);
        assertThat(FieldMeaning.isSentOn(name.toLowerCase(Locale.ROOT))).isEqualTo(of(name).isJudged());
    }

    @ParameterizedTest
    @CsvSource({
        "A, NONE",
        "Accept, NONE",
        "Sec-Fetch-Mode, NONE",
        "X-Requested-With, NONE",
        "X-Forwarde, NONE",
        "Connectiom, NONE",
        "Content-Type, NONE",
        "Content-Length, OTHER",
        "Transfer-Encoding, OTHER",
        "Forwarded, OTHER",
        "TE, OTHER",
        "_, OTHER",
        "A_B, OTHER",
        "Host, HOST",
        "Connection, CONNECTION",
        "Via, VIA",
        "If-None-Match, IF_NONE_MATCH",
        "If-Range, JUDGED",
        "Authorization, JUDGED",
        "Remote-User, JUDGED",
        "X-Forwarded-For, FORWARDED_FOR",
        "X-Forwarded-Proto, FORWARDED_PROTO",
        "X-Forwarded-Host, FORWARDED",
        "X-Forwarded-User, CREDENTIALS",
        "X-Forwarded-, OTHER",
        "X-Forwarded-Anything, OTHER",
        "X-Request-Id, REQUEST_ID"
    })
    void eachMeansWhatItIsFor(String name, FieldMeaning meaning) {
        assertThat(of(name)).isEqualTo(meaning);
    }

    @Test
    void whatNobodyLooksAtIsSentOn() {
        assertThat(FieldMeaning.isSentOn("x-own")).isTrue();
        assertThat(FieldMeaning.isSentOn("x_own")).isFalse();
    }
}
