package dev.lastref.http.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        // RFC 5952, section 1: all of them the same address.
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:0:1::1, 2001:db8::1:0:0:1",
        "2001:db8:0000:0:1::1, 2001:db8::1:0:0:1",
        "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
        // Section 2.1: no leading zeros.
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        // Section 4.2.1: as short as can be.
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8::0:1, 2001:db8::1",
        // Section 4.2.2: one group of zeros is no run.
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        // Section 4.2.3: the longest, of equal ones the first.
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        // Section 4.3: in lower case.
        "2001:db8::ABCD:EF12, 2001:db8::abcd:ef12",
        // At either end, and nothing else.
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "192.0.2.1, 192.0.2.1"
    })
    void ofIpV6ThereIsOneForm(String written, String form) throws Exception {
        InetAddress address = InetAddress.getByName(written);
        assertThat(AddressText.of(address)).isEqualTo(form);
        assertThat(AddressText.of(new InetSocketAddress(address, 80)))
                .isEqualTo((address instanceof Inet6Address ? "[" + form + "]" : form) + ":80");
    }

    @ParameterizedTest
    @CsvSource({"3, fe80::1%3", "-1, fe80::1"})
    void aZoneStays(int zone, String form) throws Exception {
        byte[] bytes = InetAddress.getByName("fe80::1").getAddress();
        assertThat(AddressText.of(Inet6Address.getByAddress(null, bytes, zone))).isEqualTo(form);
    }

    /** Zeros are frequent, or there were hardly a run of them. */
    @Property
    void itIsReadAsTheSameAddressAndHasAsFewGroupsAsCanBe(@ForAll @Size(8) int[] drawn) throws Exception {
        byte[] bytes = new byte[16];
        for (int i = 0; i < drawn.length; i++) {
            int group = drawn[i] % 3 == 0 ? drawn[i] : 0;
            bytes[2 * i] = (byte) (group >> 8);
            bytes[2 * i + 1] = (byte) group;
        }
        Inet6Address address = Inet6Address.getByAddress(null, bytes, -1);
        String text = AddressText.of(address);
        // ::ffff:a:b would be read as IPv4.
        byte[] read = InetAddress.getByName(text).getAddress();
        assertThat(read.length == 16 ? read : bytes).as(text).isEqualTo(bytes);
        assertThat(text).doesNotContain(":::").doesNotContainPattern("(^|:)0[0-9a-f]");
        assertThat(text.matches(".*(^|:)0:0(:|$).*") && !text.contains("::"))
                .as(text)
                .isFalse();
    }
}
