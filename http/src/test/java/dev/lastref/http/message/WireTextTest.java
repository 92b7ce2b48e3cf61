package dev.lastref.http.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class WireTextTest {
    /** Any bytes are shown as something that names them again, but for those that spell out another. */
    @Property
    void whatIsShownNamesTheSameBytes(@ForAll @Size(max = 12) byte[] bytes) {
        String wire = new String(bytes, ISO_8859_1).replace('%', '&');
        assertThat(WireText.ofUrl(WireText.shown(wire))).isEqualTo(wire);
    }

    @Property
    void aTextIsItsBytesInUtf8(@ForAll @Size(max = 12) byte[] bytes) {
        String text = new String(bytes, UTF_8); // what is no UTF-8 is a character of its own by now
        assertThat(WireText.of(text).getBytes(ISO_8859_1)).isEqualTo(text.getBytes(UTF_8));
        assertThat(WireText.shown(WireText.of(text))).isEqualTo(text);
    }

    @Example
    void bytesThatAreNoUtf8StandAsNumbers() {
        assertThat(WireText.shown("/\u00e9/\u00c3\u00a9/\u00c3")).isEqualTo("/%xE9/\u00e9/%xC3");
        assertThat(WireText.shown("/\u00ed\u00a0\u0080"))
                .as("half of a surrogate pair")
                .isEqualTo("/%xED%xA0%x80");
        assertThat(WireText.ofUrl("/%xe9%C3%xc3%xA")).isEqualTo("/\u00e9%C3\u00c3%xA");
        assertThat(WireText.of("%xE9")).isEqualTo("%xE9");
    }

    @Example
    void whatIsNoTextIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WireText.of("\ud83d"))
                .withMessageContaining("surrogate");
    }
}
