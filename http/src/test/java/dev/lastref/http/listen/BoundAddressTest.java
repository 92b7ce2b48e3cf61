package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What is listened on is seen in {@code dev.lastref.http.AddressesTest}. */
class BoundAddressTest {
    @Test
    void whatIsNoWildcardIsBoundAsItIs() throws Exception {
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            InetSocketAddress wanted = new InetSocketAddress(host, 80);
            assertThat(BoundAddress.of(wanted)).isEqualTo(wanted);
        }
    }

    /** As where the kernel has none, or the JVM is told to do without. */
    @Test
    void withoutIpv6BothAreEveryAddressThatThereIs() throws Exception {
        InetAddress every = InetAddress.getByName("0.0.0.0");
        assertThat(BoundAddress.every(/* both= */ false, /* ipv6= */ false))
                .isInstanceOf(Inet4Address.class)
                .isEqualTo(every);
        assertThat(BoundAddress.every(/* both= */ true, /* ipv6= */ false)).isEqualTo(every);
    }

    @Test
    void aNameWithoutAnAddressIsNamed() {
        String name = "x".repeat(64) + ".invalid";
        assertThatThrownBy(() -> BoundAddress.of(InetSocketAddress.createUnresolved(name, 80)))
                .hasMessageContaining(name);
    }
}
