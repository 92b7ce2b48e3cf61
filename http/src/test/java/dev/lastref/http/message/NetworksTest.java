package dev.lastref.http.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "127.0.0.1, 127.0.0.1, true",
                "127.0.0.1, 127.0.0.2, false",
                "10.0.0.0/8, 10.255.1.2, true",
                "10.0.0.0/8, 11.0.0.0, false",
                "10.1.2.0/23, 10.1.3.4, true",
                "10.1.2.0/23, 10.1.4.0, false",
                "0.0.0.0/0, 1.2.3.4, true",
                "0.0.0.0/0, ::1, false",
                "::/0, ::1, true",
                "2001:db8::/33, 2001:db8:7fff::1, true",
                "2001:db8::/33, 2001:db8:8000::1, false",
                "'::1, 10.0.0.1', 10.0.0.1, true",
                "::ffff:10.0.0.1, 10.0.0.1, true",
            })
    void anAddressIsInANetwork(String networks, String address, boolean in) throws Exception {
        assertThat(Networks.of(networks).contains(InetAddress.getByName(address)))
                .isEqualTo(in);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/x",
                "::/129",
                "1.2.3.4.5",
                "10.0.0.1,"
            })
    void whatIsNoNetworkIsRefused(String networks) {
        assertThatIllegalArgumentException().isThrownBy(() -> Networks.of(networks));
    }
}
