package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangesTest {
    private static final String WHOLE = "whole";
    private static final String UNSATISFIABLE = "416";

    /** Examples of the section, and its edges, on 10,000 bytes. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "bytes=0-499, 0-499",
                "bytes=500-999, 500-999",
                "bytes=-500, 9500-9999",
                "bytes=9500-, 9500-9999",
                "'bytes=0-0,-1', '0-0,9999-9999'",
                "'bytes= 0-0 ,\t, -1 ,', '0-0,9999-9999'",
                "'bytes=0-999, 4500-5499, -1000', '0-999,4500-5499,9000-9999'",
                "'bytes=500-600,601-999', '500-600,601-999'",
                "'bytes=500-700,601-999', '500-700,601-999'",
                "BYTES=0-0, 0-0",
                "bytes=0-99999, 0-9999",
                "bytes=9999-, 9999-9999",
                "bytes=-99999, 0-9999",
                "bytes=0-99999999999999999999999999, 0-9999",
                "bytes=-99999999999999999999999999, 0-9999",
                "bytes=10000-, 416",
                "bytes=10000-20000, 416",
                "bytes=99999999999999999999999999-, 416",
                "bytes=-0, 416",
                "'bytes=-0, 10000-', 416",
                "'bytes=-0, 5-5', 5-5",
                "'bytes=20000-, 5-5', 5-5",
            })
    void rfc9110_14_1_2_aRangeSetSelects(String value, String selected) {
        assertThat(select(value, 10_000)).isEqualTo(selected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=a-b",
                "bytes=5-4",
                "bytes=0-1,5-4",
                "bytes=0-1,x",
                "bytes=--1",
                "bytes=1--1",
                "bytes=1 - 2",
                "bytes=+1-2",
                "bytes=0x1-2",
                "bytes =0-1",
                "bytes:0-1",
                "seconds=0-1",
                "bytes=1",
                "bytes=\u0661-2",
            })
    void rfc9110_14_2_whatIsMalformedOrOfAnotherUnitIsIgnored(String value) {
        assertThat(select(value, 10_000)).isEqualTo(WHOLE);
    }

    @Test
    void rfc9110_14_2_moreThanReasonableIsIgnored() {
        String most = "bytes=" + "0-0,".repeat(ByteRanges.MOST);
        assertThat(select(most, 10_000)).isNotEqualTo(WHOLE);
        assertThat(select(most + "0-0", 10_000)).isEqualTo(WHOLE);
        assertThat(select("bytes=0-,0-", 10_000)).as("longer than the whole").isEqualTo(WHOLE);
        assertThat(select("bytes=0-4999,5000-", 10_000)).isEqualTo("0-4999,5000-9999");
        FieldList twice = FieldList.of("Range", "bytes=0-1", "Range", "bytes=0-1");
        assertThat(ByteRanges.of(twice)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-, 416", "bytes=0-0, 416", "bytes=-1, whole", "bytes=-0, 416"})
    void rfc9110_14_1_2_ofNothingOnlyASuffixIsSatisfiable(String value, String selected) {
        assertThat(select(value, 0)).isEqualTo(selected);
    }

    @Test
    void everythingIsToldApart() {
        assertThat(ByteRanges.parse("bytes=0-").isEverything()).isTrue();
        assertThat(ByteRanges.parse("bytes=1-").isEverything()).isFalse();
        assertThat(ByteRanges.parse("bytes=0-1").isEverything()).isFalse();
        assertThat(ByteRanges.parse("bytes=-0").isEverything()).isFalse();
        assertThat(ByteRanges.parse("bytes=0-,0-").isEverything()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 0-4/10", "bytes 0-0/1", "BYTES 9-9/10", " bytes 0-4/5 "})
    void rfc9110_14_4_aContentRangeIsRead(String value) {
        ContentRange range = ContentRange.parse(value);
        assertThat(range).isNotNull();
        assertThat(range.toString()).isEqualToIgnoringCase(value.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes 0-4",
                "bytes 0-4/",
                "bytes 0-4/*",
                "bytes */10",
                "bytes 4-0/10",
                "bytes 0-10/10",
                "bytes 0-4/4",
                "bytes -4/10",
                "bytes 0-/10",
                "bytes 0-4/10, bytes 5-9/10",
                "bytes=0-4/10",
                "items 0-4/10",
                "bytes 0/4-10",
                "bytes 0-4/99999999999999999999",
                "bytes /-",
            })
    void rfc9110_14_4_anInvalidOneIsNot(String value) {
        assertThat(ContentRange.parse(value)).isNull();
    }

    @Property
    void theSelectionIsThatOfASlowModel(@ForAll("rangeSets") String value, @ForAll @IntRange(max = 12) int length) {
        assertThat(select(value, length)).isEqualTo(model(value, length));
    }

    @Property
    void anyValueIsReadWithoutAnError(@ForAll String value, @ForAll long length) {
        ByteRanges ranges = ByteRanges.parse("bytes=" + value);
        if (ranges != null) {
            ranges.within(length & Long.MAX_VALUE);
        }
        ByteRanges.parse(value);
        ContentRange.parse(value);
        ContentRange.parse("bytes " + value);
    }

    @Provide
    Arbitrary<String> rangeSets() {
        Arbitrary<String> numbers = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(12, Arbitraries.integers().between(0, 14).map(String::valueOf)),
                net.jqwik.api.Tuple.of(3, Arbitraries.just("")),
                net.jqwik.api.Tuple.of(1, Arbitraries.of("007", "18446744073709551615", "x", " 1")));
        Arbitrary<String> members = net.jqwik.api.Combinators.combine(
                        numbers,
                        Arbitraries.frequency(net.jqwik.api.Tuple.of(30, "-"), net.jqwik.api.Tuple.of(1, "")),
                        numbers)
                .as((first, dash, last) -> first + dash + last);
        return members.list().ofMinSize(0).ofMaxSize(5).map(list -> "bytes=" + String.join(",", list));
    }

    private static String select(String value, long length) {
        RangeSelection selection = RangeSelection.of(FieldList.of("Range", value), FieldList.EMPTY, length, 0);
        return switch (selection.kind()) {
            case WHOLE -> WHOLE;
            case UNSATISFIABLE -> UNSATISFIABLE;
            case PARTS ->
                selection.ranges().stream()
                        .map(range -> range.first() + "-" + range.last())
                        .collect(Collectors.joining(","));
        };
    }

    /** Sections 14.1.1 and 14.1.2 as they read: byte after byte, in numbers without bounds. */
    private static String model(String value, int length) {
        Pattern spec = Pattern.compile("(\\d+)-(\\d*)|-(\\d+)");
        List<String> parts = new ArrayList<>();
        boolean satisfiable = false;
        boolean any = false;
        int bytes = 0;
        for (String member : value.substring("bytes=".length()).split(",")) {
            String trimmed = member.replaceAll("^[ \t]+|[ \t]+$", "");
            if (trimmed.isEmpty()) {
                continue;
            }
            Matcher matcher = spec.matcher(trimmed);
            if (!matcher.matches()) {
                return WHOLE;
            }
            any = true;
            BigInteger first = matcher.group(1) == null ? null : new BigInteger(matcher.group(1));
            BigInteger last = first == null || matcher.group(2).isEmpty() ? null : new BigInteger(matcher.group(2));
            if (first != null && last != null && last.compareTo(first) < 0) {
                return WHOLE;
            }
            List<Integer> selected = new ArrayList<>();
            for (int at = 0; at < length; at++) {
                BigInteger here = BigInteger.valueOf(at);
                boolean in = first == null
                        ? BigInteger.valueOf(length - at).compareTo(new BigInteger(matcher.group(3))) <= 0
                        : here.compareTo(first) >= 0 && (last == null || here.compareTo(last) <= 0);
                if (in) {
                    selected.add(at);
                }
            }
            satisfiable |= first == null ? !matcher.group(3).matches("0+") : !selected.isEmpty();
            bytes += selected.size();
            if (!selected.isEmpty()) {
                parts.add(selected.get(0) + "-" + selected.get(selected.size() - 1));
            }
        }
        if (!any) {
            return WHOLE;
        }
        if (!satisfiable) {
            return UNSATISFIABLE;
        }
        return parts.isEmpty() || bytes > length ? WHOLE : String.join(",", parts);
    }
}
