package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenHintTest {
    @ParameterizedTest
    @CsvSource({
        "Address already in use, ss -ltnp",
        "Permission denied, CAP_NET_BIND_SERVICE",
        "Cannot assign requested address, ip address",
    })
    void whatCanBeDoneIsSaidWithTheSetting(String words, String hint) {
        assertThat(ListenHint.of(new BindException(words), "lastref.admin")).contains(hint, "set lastref.admin to ");
    }

    @Test
    void ofWhatIsNotKnownNothingIs() {
        assertThat(ListenHint.of(new SocketException("Adresse wird bereits verwendet"), "lastref.admin"))
                .isEmpty();
        assertThat(ListenHint.of(new SocketException(), "lastref.admin")).isEmpty();
    }
}
