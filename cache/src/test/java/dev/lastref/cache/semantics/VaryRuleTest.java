package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaryRuleTest {
    private static final VaryRule AB = VaryRule.of(FieldList.of("Vary", "a, b"));

    @Test
    void rfc9110_12_5_5_namesOfAllLinesMakeOneRule() {
        VaryRule rule = VaryRule.of(FieldList.of("Vary", "Accept-Encoding, ,accept", "vary", "Accept"));
        assertThat(rule.names()).containsExactly("accept", "accept-encoding");
        assertThat(rule).isEqualTo(VaryRule.of(FieldList.of("Vary", "accept,ACCEPT-encoding")));
        assertThat(rule.isNone() || rule.isAny()).isFalse();
    }

    @Test
    void aResponseWithoutVaryDoesNotVary() {
        assertThat(VaryRule.of(FieldList.EMPTY)).isSameAs(VaryRule.NONE);
        assertThat(VaryRule.of(FieldList.of("Vary", " , "))).isSameAs(VaryRule.NONE);
        assertThat(VaryRule.NONE.isNone()).isTrue();
        assertThat(VaryRule.NONE.variantOf(FieldList.of("Accept", "a"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "Accept, *", "* ,Accept", "Accept Encoding", "Accept;q=1"})
    void rfc9111_4_1_aStarOrAnUnreadableNameMatchesNothing(String vary) {
        VaryRule rule = VaryRule.of(FieldList.of("Vary", vary));
        assertThat(rule.isAny()).isTrue();
        assertThat(rule.isNone()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> rule.variantOf(FieldList.EMPTY));
    }

    @Test
    void rfc9111_4_1_absentMatchesAbsentOnly() {
        assertThat(AB.variantOf(FieldList.EMPTY)).isEqualTo("a;b;");
        assertThat(AB.variantOf(FieldList.of("A", ""))).isEqualTo("a=0:;b;");
        assertThat(AB.variantOf(FieldList.of("b", ""))).isEqualTo("a;b=0:;");
    }

    @Test
    void rfc9111_4_1_whiteSpaceAndLinesAreNormalised() {
        String variant = AB.variantOf(FieldList.of("a", "x, y", "b", "z"));
        assertThat(AB.variantOf(FieldList.of("B", "\tz ", "a", " x", "A", "y ")))
                .isEqualTo(variant);
        assertThat(AB.variantOf(FieldList.of("b", "z", "a", "y", "a", "x"))).isNotEqualTo(variant);
    }

    @Test
    void aValueCannotPoseAsAnotherField() {
        assertThat(AB.variantOf(FieldList.of("a", "1;b=1:2", "b", "")))
                .isNotEqualTo(AB.variantOf(FieldList.of("a", "1", "b", "2;b=0:")));
    }

    @Test
    void twoRulesDoNotShareVariants() {
        FieldList request = FieldList.of("a", "x", "b", "x");
        VaryRule a = VaryRule.of(FieldList.of("Vary", "a"));
        VaryRule b = VaryRule.of(FieldList.of("Vary", "b"));
        assertThat(a.variantOf(request)).isNotEqualTo(b.variantOf(request));
    }

    @Property(tries = 10_000)
    void variantsAreEqualExactlyWhereTheFieldsAre(
            @ForAll("values") List<String> a1,
            @ForAll("values") List<String> b1,
            @ForAll("values") List<String> a2,
            @ForAll("values") List<String> b2) {
        FieldList first = request(a1, b1);
        FieldList second = request(a2, b2);
        boolean same = normalised(a1).equals(normalised(a2)) && normalised(b1).equals(normalised(b2));
        assertThat(AB.variantOf(first).equals(AB.variantOf(second))).isEqualTo(same);
    }

    private static FieldList request(List<String> a, List<String> b) {
        FieldList.Builder fields = FieldList.builder();
        a.forEach(value -> fields.add("a", value));
        b.forEach(value -> fields.add("b", value));
        return fields.build();
    }

    private static List<String> normalised(List<String> lines) {
        return lines.isEmpty()
                ? List.of()
                : List.of(String.join(", ", lines.stream().map(String::strip).toList()));
    }

    @Provide
    Arbitrary<List<String>> values() {
        Arbitrary<String> value = Arbitraries.oneOf(
                Arbitraries.strings().withChars("ab;=:01").ofMaxLength(3),
                Arbitraries.of("", " ", "1;b=1:", ";b=0:", "b;", "a", "a "));
        return value.list().ofMaxSize(2);
    }

    @Property
    void anyStringsAreReadWithoutThrowing(@ForAll @Size(max = 3) List<String> vary, @ForAll String value) {
        FieldList.Builder response = FieldList.builder();
        vary.forEach(line -> response.add("Vary", line));
        VaryRule rule = VaryRule.of(response.build());
        if (!rule.isAny()) {
            assertThat(rule.variantOf(FieldList.of("a", value)).isEmpty()).isEqualTo(rule.isNone());
        }
    }
}
