package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagTest {
    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\"xyzzy\"", "W/\"xyzzy\"", " \"a,b\" ", "\"\u00e9\"", "\"\\\""})
    void rfc9110_8_8_3_whatIsATagIsRead(String value) {
        EntityTag tag = EntityTag.parse(value);
        assertThat(tag).isNotNull();
        assertThat(tag.toString()).isEqualTo(value.strip());
    }

    @Property
    void theTextOfATagIsThereWhereTheTagIs(
            @ForAll @StringLength(max = 6) @CharRange(from = ' ', to = 'Z') String value) {
        for (String tag : List.of(value, '"' + value + '"', "W/\"" + value + '"')) {
            FieldList response = FieldList.of("ETag", tag);
            String expected = EntityTag.of(response) == null || !tag.equals(tag.strip()) ? null : tag;
            assertThat(EntityTag.textOf(response)).isEqualTo(expected);
        }
    }

    @Test
    void aResponseOfSeveralTagsHasNone() {
        assertThat(EntityTag.textOf(FieldList.of("ETag", "\"a\"", "etag", "\"a\"")))
                .isNull();
        assertThat(EntityTag.textOf(FieldList.EMPTY)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "\"",
                "\"x",
                "x\"",
                "w/\"x\"",
                "W\"x\"",
                "W/x",
                "W/",
                "\"x\"y",
                "\"a\"\"b\"",
                "\"a b\"",
                "\"x\", \"y\"",
                "*"
            })
    void rfc9110_8_8_3_whatIsNoneIsNot(String value) {
        assertThat(EntityTag.parse(value)).isNull();
    }

    /** The table of the section. */
    @ParameterizedTest
    @CsvSource({
        "W/\"1\", W/\"1\", false, true",
        "W/\"1\", W/\"2\", false, false",
        "W/\"1\", \"1\", false, true",
        "\"1\", \"1\", true, true",
    })
    void rfc9110_8_8_3_2_comparison(String a, String b, boolean strong, boolean weak) {
        EntityTag one = EntityTag.parse(a);
        EntityTag two = EntityTag.parse(b);
        assertThat(one).isNotNull();
        assertThat(two).isNotNull();
        assertThat(one.matchesStrongly(two)).isEqualTo(strong).isEqualTo(two.matchesStrongly(one));
        assertThat(one.matchesWeakly(two)).isEqualTo(weak).isEqualTo(two.matchesWeakly(one));
    }

    @Test
    void rfc9110_8_8_3_aResponseWithSeveralTagsHasNone() {
        assertThat(EntityTag.of(FieldList.of("ETag", "\"a\"", "ETag", "\"b\""))).isNull();
        assertThat(EntityTag.of(FieldList.EMPTY)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'\"a\"', true",
                "'\"b\"', false",
                "'\"b\", \"a\"', true",
                "'\"b\",\"a\",\"c\"', true",
                "', ,\"a\",', true",
                "'W/\"a\"', true",
                "'*', true",
                "' * ', true",
                "'*, \"b\"', false",
                "'a', false",
                "'a, \"a\"', true",
                "'\"b,\"a\"', false",
                "'\"b,\", \"a\"', true",
                "'\"x\"y, \"a\"', true",
                "'\"a\"y', false",
                "'', false",
            })
    void rfc9110_13_1_2_aListMatchesByAnyOfItsMembers(String value, boolean matches) {
        EntityTagSet set = EntityTagSet.of(FieldList.of("If-None-Match", value), "If-None-Match");
        assertThat(set).isNotNull();
        assertThat(set.matchesWeakly(new EntityTag(false, "a"))).isEqualTo(matches);
    }

    @Test
    void rfc9110_13_1_2_severalLinesAreOneList() {
        FieldList request = FieldList.of("If-None-Match", "\"a\"", "If-None-Match", "\"b\"");
        assertThat(EntityTagSet.of(request, "If-None-Match").matchesWeakly(new EntityTag(false, "b")))
                .isTrue();
    }

    @Property
    void whatIsWrittenIsRead(
            @ForAll @CharRange(from = '#', to = '~') @StringLength(max = 20) String opaque, @ForAll boolean weak) {
        EntityTag tag = new EntityTag(weak, opaque);
        assertThat(EntityTag.parse(tag.toString())).isEqualTo(tag);
        FieldList request = FieldList.of("If-Match", "\"other\", " + tag + " ,x");
        assertThat(EntityTagSet.of(request, "If-Match").matchesStrongly(tag)).isEqualTo(!weak);
    }

    @Property
    void anyValueIsReadWithoutAnError(@ForAll String value) {
        EntityTag.parse(value);
        EntityTagSet.of(FieldList.of("If-Match", value), "If-Match").matchesStrongly(new EntityTag(false, "a"));
    }
}
