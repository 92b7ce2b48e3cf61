package dev.lastref.http.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.LoggedLines;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OriginAddressTest {
    private final @Nullable InetAddress[] answer = {null};
    private final OriginAddress address = new OriginAddress("origin.example", 80, host -> {
        InetAddress found = answer[0];
        if (found == null) {
            throw new UnknownHostException(host);
        }
        return found;
    });

    @Test
    void aNameThatCannotBeResolvedIsToldOfWhenThatBeginsAndWhenItEnds() {
        try (LoggedLines logged = new LoggedLines(OriginAddress.class.getName())) {
            for (int i = 0; i < 3; i++) {
                address.lookUp();
            }
            assertThat(address.last()).isNull();
            for (int i = 0; i < 3; i++) {
                answer[0] = InetAddress.getLoopbackAddress();
                address.lookUp();
            }
            answer[0] = null;
            for (int i = 0; i < 3; i++) {
                address.lookUp();
            }
            assertThat(address.last()).isNotNull();
            answer[0] = InetAddress.getLoopbackAddress();
            address.lookUp();

            assertThat(logged.lines())
                    .containsExactly(
                            "cannot resolve the origin's name origin.example; requests to it are answered with 503 until it can",
                            "the origin's name origin.example can be resolved again",
                            "cannot resolve the origin's name origin.example; its last address stays in use",
                            "the origin's name origin.example can be resolved again");
        }
    }

    @Test
    void aNameThatCanBeResolvedIsNotSpokenOf() {
        answer[0] = InetAddress.getLoopbackAddress();
        try (LoggedLines logged = new LoggedLines(OriginAddress.class.getName())) {
            address.lookUp();
            address.lookUp();
            assertThat(logged.lines()).isEmpty();
        }
    }
}
