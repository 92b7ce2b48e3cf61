package dev.lastref.http.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.message.Networks;
import java.net.InetAddress;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestRateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Networks TRUSTED = Networks.of("10.0.0.0/8,fd00::/8");

    private final long seed = new Random().nextLong();
    private final AtomicLong clock = new AtomicLong(new Random(seed).nextLong());
    private final RequestRate rate = new RequestRate(clock::get, seed);

    @BeforeEach
    void tell() {
        System.out.println("seed " + seed);
    }

    private static InetAddress address(String text) throws Exception {
        return InetAddress.getByName(text);
    }

    private int taken(long key, int attempts) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += rate.take(key) == 0 ? 1 : 0;
        }
        return taken;
    }

    @Test
    void whatIsNotUsedAddsUpToOneSecondsWorthAndNoMore() throws Exception {
        rate.limit(10);
        long key = rate.keyOf(address("192.0.2.1"));
        assertThat(taken(key, 100)).isEqualTo(10);
        clock.addAndGet(SECOND / 10);
        assertThat(taken(key, 100)).isEqualTo(1);
        clock.addAndGet(3600 * SECOND);
        assertThat(taken(key, 100)).isEqualTo(10);
        assertThat(rate.refused()).isEqualTo(90 + 99 + 90);
        assertThat(taken(rate.keyOf(address("192.0.2.2")), 100)).as("another").isEqualTo(10);
    }

    @Test
    void whoIsRefusedIsToldWhenToComeAgainAndThenIsNot() throws Exception {
        rate.limit(1);
        long key = rate.keyOf(address("192.0.2.1"));
        assertThat(rate.take(key)).isZero();
        int seconds = rate.take(key);
        assertThat(seconds).isEqualTo(1);
        assertThat(rate.isOver(key)).isTrue();
        clock.addAndGet(seconds * SECOND);
        assertThat(rate.isOver(key)).isFalse();
        assertThat(rate.take(key)).isZero();
    }

    @Test
    void whatWasAnsweredElsewhereCountsToo() throws Exception {
        rate.limit(2);
        long key = rate.keyOf(address("192.0.2.1"));
        rate.count(key);
        rate.count(key);
        assertThat(rate.isOver(key)).isTrue();
        assertThat(rate.take(key)).isPositive();
    }

    @Test
    void withoutALimitNobodyIsRefusedAndItCanComeAndGo() throws Exception {
        long key = rate.keyOf(address("192.0.2.1"));
        assertThat(rate.isLimited()).isFalse();
        assertThat(taken(key, 1000)).isEqualTo(1000);
        rate.limit(5);
        assertThat(taken(key, 1000)).isEqualTo(5);
        rate.limit(0);
        assertThat(taken(key, 1000)).isEqualTo(1000);
        assertThat(rate.isOver(key)).isFalse();
    }

    @Test
    void anIpv6NetworkOf64BitsIsOnePeerAndTheNextOneAnother() throws Exception {
        long key = rate.keyOf(address("2001:db8:1:2::1"));
        assertThat(rate.keyOf(address("2001:db8:1:2:ffff:ffff:ffff:ffff"))).isEqualTo(key);
        assertThat(rate.keyOf(address("2001:db8:1:3::1"))).isNotEqualTo(key);
        assertThat(rate.keyOf(address("::ffff:192.0.2.1")))
                .as("mapped: the IPv4 address")
                .isEqualTo(rate.keyOf(address("192.0.2.1")));
        assertThat(rate.keyOf(address("192.0.2.2"))).isNotEqualTo(rate.keyOf(address("192.0.2.1")));
    }

    /** 100,000 peers, of which each would pass alone, and one that is loud. */
    @Test
    void amongManyPeersNobodyGetsMoreAndFewGetLess() throws Exception {
        rate.limit(100);
        Random random = new Random(seed);
        long loud = rate.keyOf(address("192.0.2.1"));
        assertThat(taken(loud, 1000)).isEqualTo(100);
        int refused = 0;
        byte[] bytes = new byte[4];
        for (int i = 0; i < 100_000; i++) {
            random.nextBytes(bytes);
            refused += rate.take(rate.keyOf(InetAddress.getByAddress(bytes))) == 0 ? 0 : 1;
        }
        // Each of four cells would have to be one of the loud one's, or hold 100 of the others.
        assertThat(refused).isLessThan(10);
        assertThat(rate.isOver(loud)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "192.0.2.1|-|192.0.2.1",
                "192.0.2.1|198.51.100.7|192.0.2.1", // anybody can say that
                "10.0.0.1|198.51.100.7|198.51.100.7",
                "10.0.0.1|203.0.113.9, 198.51.100.7|198.51.100.7",
                "10.0.0.1|203.0.113.9, 198.51.100.7, 10.9.9.9|198.51.100.7",
                "10.0.0.1|198.51.100.7:4711|198.51.100.7",
                "10.0.0.1|[2001:db8::7]:4711|2001:db8::8",
                "10.0.0.1|2001:db8::7|2001:db8::8",
                "fd00::1|198.51.100.7|198.51.100.7",
                "10.0.0.1|-|-",
                "10.0.0.1||-",
                "10.0.0.1|10.0.0.2|-",
                "10.0.0.1|198.51.100.7, unknown|-",
                "10.0.0.1|198.51.100.7, www.example.com|-",
                "10.0.0.1|198.51.100.7,|-",
                "10.0.0.1|999.1.1.1|-",
                "10.0.0.1|1|-",
                "10.0.0.1|:::::::::|-",
            })
    void ofATrustedProxyTheLastAddressThatIsNoProxysCounts(String peer, String forwarded, String counted)
            throws Exception {
        assertThat(rate.keyOf(address(peer), TRUSTED, forwarded))
                .isEqualTo(counted == null ? RequestRate.EXEMPT : rate.keyOf(address(counted)));
        rate.limit(1);
        assertThat(taken(RequestRate.EXEMPT, 1000)).isEqualTo(1000);
    }
}
