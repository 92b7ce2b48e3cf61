package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreconditionsTest {
    private static final long NOW = Instant.parse("2026-11-21T12:00:00Z").getEpochSecond();
    private static final String BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
    private static final String AT = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";

    /** {@code name: value|name: value}, with B, A and L for dates before, at and later than the modification. */
    private static FieldList fields(String text) {
        FieldList.Builder fields = FieldList.builder();
        if (!text.isEmpty()) {
            Arrays.stream(text.split("\\|")).forEach(line -> {
                String[] parts = line.split(": ", 2);
                String value = switch (parts[1]) {
                    case "B" -> BEFORE;
                    case "A" -> AT;
                    case "L" -> AFTER;
                    default -> parts[1];
                };
                fields.add(parts[0], value);
            });
        }
        return fields.build();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'', 'ETag: \"a\"', false",
                "'If-None-Match: \"a\"', 'ETag: \"a\"', true",
                "'If-None-Match: W/\"a\"', 'ETag: \"a\"', true",
                "'If-None-Match: \"a\"', 'ETag: W/\"a\"', true",
                "'If-None-Match: \"b\"', 'ETag: \"a\"', false",
                "'If-None-Match: \"b\", \"a\"', 'ETag: \"a\"', true",
                "'If-None-Match: *', 'ETag: \"a\"', true",
                "'If-None-Match: *', '', true",
                "'If-None-Match: \"a\"', '', false",
                "'If-None-Match: a', 'ETag: \"a\"', false",
                "'If-None-Match: \"a\"', 'ETag: a', false",
                "'If-Modified-Since: A', 'Last-Modified: A', true",
                "'If-Modified-Since: L', 'Last-Modified: A', true",
                "'If-Modified-Since: B', 'Last-Modified: A', false",
                "'If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT', 'Last-Modified: A', true",
                "'If-Modified-Since: Sun Nov  6 08:49:37 1994', 'Last-Modified: A', true",
                "'If-Modified-Since: L', 'Last-Modified: Sun Nov  6 08:49:37 1994', true",
                "'If-Modified-Since: yesterday', 'Last-Modified: A', false",
                "'If-Modified-Since: A', 'Last-Modified: yesterday', false",
                "'If-Modified-Since: A|If-Modified-Since: A', 'Last-Modified: A', false",
                "'If-Modified-Since: A', 'Date: A', true",
                "'If-Modified-Since: A', 'Date: L', false",
                "'If-Modified-Since: A', 'Date: B|Last-Modified: L', false",
                "'If-Modified-Since: A', '', false",
            })
    void rfc9111_4_3_2_whetherTheClientHasIt(String request, String stored, boolean notModified) {
        assertThat(Preconditions.isNotModified(fields(request), fields(stored), NOW))
                .isEqualTo(notModified);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'If-None-Match: \"a\"|If-Modified-Since: B', true",
                "'If-None-Match: \"b\"|If-Modified-Since: L', false",
                "'If-None-Match: x|If-Modified-Since: L', false",
            })
    void rfc9110_13_2_2_ifNoneMatchGoesBeforeIfModifiedSince(String request, boolean notModified) {
        FieldList stored = fields("ETag: \"a\"|Last-Modified: A");
        assertThat(Preconditions.isNotModified(fields(request), stored, NOW)).isEqualTo(notModified);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'', 'ETag: \"a\"', false",
                "'If-Match: \"a\"', 'ETag: \"a\"', false",
                "'If-Match: \"b\",\"a\"', 'ETag: \"a\"', false",
                "'If-Match: *', '', false",
                "'If-Match: \"b\"', 'ETag: \"a\"', true",
                "'If-Match: W/\"a\"', 'ETag: W/\"a\"', true",
                "'If-Match: \"a\"', 'ETag: W/\"a\"', true",
                "'If-Match: \"a\"', '', true",
                "'If-Unmodified-Since: A', 'Last-Modified: A', false",
                "'If-Unmodified-Since: L', 'Last-Modified: A', false",
                "'If-Unmodified-Since: B', 'Last-Modified: A', true",
                "'If-Unmodified-Since: A', '', true",
                "'If-Unmodified-Since: yesterday', 'Last-Modified: A', false",
                "'If-Match: \"a\"|If-Unmodified-Since: B', 'ETag: \"a\"|Last-Modified: A', false",
                "'If-Match: \"b\"|If-Unmodified-Since: A', 'ETag: \"a\"|Last-Modified: A', true",
            })
    void rfc9111_4_3_2_whatOnlyTheOriginMayRefuseIsLeftToIt(String request, String stored, boolean left) {
        assertThat(Preconditions.isLeftToOrigin(fields(request), fields(stored), NOW))
                .isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'', '', true",
                "'If-Range: \"a\"', 'ETag: \"a\"', true",
                "'If-Range: \"b\"', 'ETag: \"a\"', false",
                "'If-Range: W/\"a\"', 'ETag: W/\"a\"', false",
                "'If-Range: \"a\"', 'ETag: W/\"a\"', false",
                "'If-Range: \"a\"', '', false",
                "'If-Range: *', 'ETag: \"a\"', false",
                "'If-Range: \"a\", \"b\"', 'ETag: \"a\"', false",
                "'If-Range: \"a\"|If-Range: \"a\"', 'ETag: \"a\"', false",
                "'If-Range: A', 'Last-Modified: A|Date: L', true",
                "'If-Range: Sunday, 06-Nov-94 08:49:37 GMT', 'Last-Modified: A|Date: L', true",
                "'If-Range: A', 'Last-Modified: A|Date: A', false",
                "'If-Range: A', 'Last-Modified: A', false",
                "'If-Range: L', 'Last-Modified: A|Date: L', false",
                "'If-Range: B', 'Last-Modified: A|Date: L', false",
                "'If-Range: nonsense', 'Last-Modified: A|Date: L', false",
                "'If-Range: nonsense', 'ETag: \"a\"', false",
            })
    void rfc9110_13_1_5_aRangeIsForOneRepresentation(String request, String stored, boolean applies) {
        assertThat(Preconditions.isRangeFor(fields(request), fields(stored), NOW))
                .isEqualTo(applies);
    }

    @Test
    void rfc9110_14_3_anOriginThatWantsNoRangesGetsItsWay() {
        FieldList request = fields("Range: bytes=0-1");
        assertThat(RangeSelection.of(request, fields("Accept-Ranges: none"), 10, NOW)
                        .isWhole())
                .isTrue();
        assertThat(RangeSelection.of(request, fields("Accept-Ranges: bytes"), 10, NOW)
                        .isWhole())
                .isFalse();
    }

    @Test
    void rfc9110_15_4_5_a304RepeatsWhatItMustAndNoMore() {
        FieldList stored = FieldList.of(
                "date",
                AT,
                "ETag",
                "\"a\"",
                "Last-Modified",
                BEFORE,
                "Content-Type",
                "text/plain",
                "Vary",
                "Accept",
                "Cache-Control",
                "max-age=1",
                "Expires",
                AFTER,
                "Content-Location",
                "/x",
                "X-Other",
                "1",
                "Via",
                "1.1 a");
        assertThat(NotModified.fieldsOf(stored).toString())
                .isEqualTo("date: " + AT + "\nETag: \"a\"\nVary: Accept\nCache-Control: max-age=1\nExpires: " + AFTER
                        + "\nContent-Location: /x\nVia: 1.1 a\n");
        assertThat(NotModified.fieldsOf(FieldList.of("Last-Modified", AT)).first("Last-Modified"))
                .isEqualTo(AT);
    }

    @Property
    void anyValueIsReadWithoutAnError(@ForAll String value, @ForAll String validator) {
        FieldList request = FieldList.of(
                "If-Match",
                value,
                "If-None-Match",
                value,
                "If-Modified-Since",
                value,
                "If-Range",
                value,
                "Range",
                value);
        FieldList dates = FieldList.of("If-Modified-Since", value, "If-Unmodified-Since", value);
        FieldList stored = FieldList.of("ETag", validator, "Last-Modified", validator, "Date", validator);
        for (FieldList asked : new FieldList[] {request, dates}) {
            Preconditions.isNotModified(asked, stored, NOW);
            Preconditions.isLeftToOrigin(asked, stored, NOW);
            Preconditions.isRangeFor(asked, stored, NOW);
        }
    }
}
