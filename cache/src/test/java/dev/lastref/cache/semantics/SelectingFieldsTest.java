package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectingFieldsTest {
    @ParameterizedTest(name = "{0}: [{1}] and [{2}] match: {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                // of no field but lists: white space around commas
                "foo             | 1,2                  | 1, 2                      | false",
                "cookie          | a=1,2                | a=1, 2                    | false",
                "user-agent      | 'A (KHTML, like B)'  | 'A (KHTML,like B)'        | false",
                "referer         | http://a/?b,c        | http://a/?b ,c            | false",
                "prefer          | 1,2                  | ' 1 ,  2 '                | true",
                "prefer          | 1,2                  | 2,1                       | false",
                "prefer          | a                    | A                         | false",
                "prefer          | a b                  | a  b                      | false",
                "prefer          | \"a, b\"             | \"a,b\"                   | false",
                "prefer          | \"a\\\", b\", c      | \"a\\\", b\",c            | true",
                "prefer          | \"a, b               | \"a,b                     | false",
                // whose meaning is known: case, order, weights
                "accept-language | en, de               | De,eN                     | true",
                "accept-language | en, de               | en, de;q=1.0              | true",
                "accept-language | en, de;q=0.5         | de;q=0.50, en             | true",
                "accept-language | en, de;q=0.5         | de, en;q=0.5              | false",
                "accept-language | en                   | en, de                    | false",
                "accept-language | fr;q=0.5, de         | en, de                    | false",
                "accept-encoding | gzip,, br            | br, gzip                  | true",
                "accept          | text/html, */*;q=0.1 | */*;q=0.1,Text/HTML       | true",
                // with parameters that are no weight: as it stands
                "accept          | a/b;p=X, c/d         | c/d, a/b;p=X              | false",
                "accept          | a/b;p=X, c/d         | a/b;p=X,c/d               | true",
                "accept-language | en;q=2               | en;q=1                    | false",
            })
    void rfc9111_4_1_valuesMatchWhereOneCanBeTransformedIntoTheOther(
            String name, String one, String other, boolean match) {
        String normalised = SelectingFields.normalised(name, List.of(one));
        assertThat(SelectingFields.normalised(name, List.of(other)).equals(normalised))
                .isEqualTo(match);
    }

    @Property
    void anyLinesAreReadAndLinesMayBeJoined(@ForAll @Size(min = 1, max = 3) List<String> lines) {
        for (String name : List.of("foo", "prefer", "accept", "accept-language")) {
            assertThat(SelectingFields.normalised(name, lines)).isNotNull();
        }
        List<String> unquoted =
                lines.stream().map(line -> Ascii.trim(line.replace("\"", ""))).toList();
        for (String name : List.of("foo", "prefer")) {
            assertThat(SelectingFields.normalised(name, unquoted))
                    .isEqualTo(SelectingFields.normalised(name, List.of(String.join(", ", unquoted))));
        }
    }
}
