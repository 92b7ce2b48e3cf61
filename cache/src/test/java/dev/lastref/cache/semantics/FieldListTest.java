package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FieldListTest {
    private static final FieldList FIELDS = FieldList.of("Accept", "a", "X", "1", "accept", "b", "ACCEPT", "c");

    @Test
    void rfc9110_5_1_namesAreCaseInsensitive() {
        assertThat(FIELDS.first("aCCEPT")).isEqualTo("a");
        assertThat(FIELDS.contains("accept")).isTrue();
        assertThat(FIELDS.contains("accep")).isFalse();
        assertThat(FIELDS.first("Nothing")).isNull();
    }

    @Test
    void rfc9110_5_3_linesKeepTheirOrderAndCombine() {
        assertThat(FIELDS.all("Accept")).containsExactly("a", "b", "c");
        assertThat(FIELDS.combined("Accept")).isEqualTo("a, b, c");
        assertThat(FIELDS.combined("X")).isEqualTo("1");
        assertThat(FIELDS.combined("Nothing")).isNull();
        assertThat(FIELDS.all("Nothing")).isEmpty();
    }

    @Test
    void aNameIsNotFoundByUnicodeCaseFolding() {
        // KELVIN SIGN and LATIN SMALL LETTER LONG S, which String.equalsIgnoreCase takes for k and s.
        assertThat(FieldList.of("Coo\u212Aie", "1").contains("cookie")).isFalse();
        assertThat(FieldList.of("Ho\u017Ft", "1").contains("host")).isFalse();
    }

    @Test
    void linesAreVisitedAsReceived() {
        List<String> seen = new ArrayList<>();
        FIELDS.forEach((name, value) -> seen.add(name + "=" + value));
        assertThat(seen).containsExactly("Accept=a", "X=1", "accept=b", "ACCEPT=c");
        assertThat(FIELDS.size()).isEqualTo(4);
        assertThat(FIELDS.name(2)).isEqualTo("accept");
        assertThat(FIELDS.value(3)).isEqualTo("c");
        assertThat(FIELDS).hasToString("Accept: a\nX: 1\naccept: b\nACCEPT: c\n");
    }

    @Test
    void setReplacesAllLinesInThePlaceOfTheFirst() {
        FieldList set = FIELDS.toBuilder().set("accept", "z").set("Y", "2").build();
        assertThat(set).hasToString("accept: z\nX: 1\nY: 2\n");
        assertThat(FIELDS.size()).as("the list it came from").isEqualTo(4);
    }

    @Test
    void removeTakesEveryLineOfThatName() {
        assertThat(FIELDS.toBuilder().remove("ACCEPT").build()).hasToString("X: 1\n");
        assertThat(FIELDS.toBuilder().remove("accept").remove("x").build()).isSameAs(FieldList.EMPTY);
    }

    @Test
    void anOddNumberOfStringsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> FieldList.of("a", "b", "c"));
    }

    @Test
    void aListDoesNotChangeWithItsBuilder() {
        FieldList.Builder builder = FieldList.builder().add("a", "1");
        FieldList built = builder.build();
        builder.set("a", "2");
        assertThat(built.first("a")).isEqualTo("1");
    }

    @Property
    void bytesGrowWithEveryCharacter(@ForAll String name, @ForAll String value) {
        FieldList one = FieldList.of(name, value);
        assertThat(one.heapBytesWithTexts()).isGreaterThan(one.heapBytes() + name.length() + value.length());
        assertThat(FieldList.of(name, value, name, value).heapBytesWithTexts()).isGreaterThan(one.heapBytesWithTexts());
    }

    @Test
    void eachLineTakesTwoReferencesOfTheHeap() {
        long empty = FieldList.EMPTY.heapBytes();
        assertThat(FieldList.of("a", "1").heapBytes()).isEqualTo(empty + 8);
        assertThat(FieldList.of("a", "1", "b", "2").heapBytes()).isEqualTo(empty + 16);
    }
}
