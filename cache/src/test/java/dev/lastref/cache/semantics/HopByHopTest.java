package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HopByHopTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Keep-Alive",
                "Proxy-Connection",
                "TE",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade",
                "Proxy-Authenticate",
                "Proxy-Authorization",
                "Proxy-Authentication-Info"
            })
    void rfc9110_7_6_1_fieldsOfOneConnectionAreDropped(String name) {
        assertThat(HopByHop.of(FieldList.EMPTY).drops(name)).isTrue();
        assertThat(HopByHop.of(FieldList.of("Connection", "x")).drops(name)).isTrue();
    }

    @Test
    void rfc9110_7_6_1_whatConnectionNominatesIsDropped() {
        FieldList message = FieldList.of(
                "X-A",
                "1",
                "Connection",
                "close, x-A ,, bad name",
                "connection",
                "X-B",
                "X-B",
                "2",
                "X-C",
                "3",
                "x-a",
                "4");
        HopByHop dropped = HopByHop.of(message);
        assertThat(dropped.names()).contains("x-a", "x-b", "close").doesNotContain("x-c", "bad name", "bad");
        assertThat(dropped.strip(message)).hasToString("X-C: 3\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cache-Control",
                "Host",
                "Content-Length",
                "Content-Type",
                "Authorization",
                "Cookie",
                "Set-Cookie",
                "Vary",
                "Age",
                "X-Forwarded-For"
            })
    void aFieldForEveryRecipientCannotBeNominated(String name) {
        FieldList message = FieldList.of("Connection", name.toUpperCase(Locale.ROOT), name, "1");
        assertThat(HopByHop.of(message).drops(name)).isFalse();
        assertThat(HopByHop.of(message).strip(message)).hasToString(name + ": 1\n");
    }

    @Test
    void endToEndFieldsGoOnInOrder() {
        FieldList message = FieldList.of("B", "1", "A", "2", "TE", "trailers", "b", "3");
        assertThat(HopByHop.of(message).strip(message)).hasToString("B: 1\nA: 2\nb: 3\n");
    }

    @Property
    void anyStringIsReadWithoutThrowing(@ForAll String connection, @ForAll String name) {
        HopByHop dropped = HopByHop.of(FieldList.of("Connection", connection));
        assertThat(dropped.drops(name)).isEqualTo(dropped.names().contains(Ascii.lower(name)));
        assertThat(dropped.names()).doesNotContainAnyElementsOf(HopByHop.PROTECTED);
    }
}
