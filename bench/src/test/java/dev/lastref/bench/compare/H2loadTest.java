package dev.lastref.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.lastref.bench.load.H2load;
import dev.lastref.bench.load.LoadResult;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What h2load 1.52 prints. */
class H2loadTest {
    private static final String BEGUN = """
            starting benchmark...
            spawning thread #0: 16 total client(s). Timing-based test with 0s of warm-up time and 2s of main duration for measurements.
            Warm-up started for thread #0.
            progress: 100% of clients started
            Main benchmark duration is started for thread #0.
            """;
    private static final String AGREED = """
            TLS Protocol: TLSv1.3
            Cipher: TLS_AES_256_GCM_SHA384
            Server Temp Key: X25519 253 bits
            Application protocol: h2
            """;
    private static final String WELL = BEGUN + AGREED + """
            Stopped all clients for thread #0

            finished in 2.01s, 4212.50 req/s, 264.39MB/s
            requests: 8425 total, 8745 started, 8425 done, 8425 succeeded, 0 failed, 0 errored, 0 timeout
            status codes: 8431 2xx, 0 3xx, 0 4xx, 0 5xx
            traffic: 528.77MB (554459724) total, 1.60MB (1675986) headers (space savings 20.42%), 526.74MB (552326851) data
                                 min         max         mean         sd        +/- sd
            time for request:      348us    775.13ms     64.32ms     90.48ms    91.79%
            time for connect:    20.08ms    453.01ms    240.88ms    141.52ms    71.88%
            time to 1st byte:    48.50ms    771.90ms    524.08ms    229.03ms    68.75%
            req/s           :      83.38      219.17      131.48       39.05    71.88%
            """;
    private static final String NOT_FOUND = BEGUN + AGREED + """

            finished in 2.01s, 8519.50 req/s, 2.88MB/s
            requests: 17039 total, 17359 started, 17039 done, 0 succeeded, 17039 failed, 0 errored, 0 timeout
            status codes: 0 2xx, 0 3xx, 17039 4xx, 0 5xx
            traffic: 5.75MB (6033406) total, 2.97MB (3118169) headers (space savings 12.86%), 2.49MB (2606967) data
            """;
    private static final String NOBODY_THERE = BEGUN + """

            finished in 2.00s, 0.00 req/s, 0B/s
            requests: 0 total, 0 started, 0 done, 0 succeeded, 0 failed, 0 errored, 0 timeout
            status codes: 0 2xx, 0 3xx, 0 4xx, 0 5xx
            traffic: 0B (0) total, 0B (0) headers (space savings 0.00%), 0B (0) data
            """;

    /** A response of each of 1 to 1000 µs, and one that came to nothing. */
    private static final String RESPONSES = IntStream.rangeClosed(1, 1000)
                    .mapToObj(micros -> "1795473097959860\t200\t" + micros + "\n")
                    .collect(Collectors.joining())
            + "1795473097959861\t-1\t999999\n";

    @Test
    void whatSucceededCountsWithItsContent() throws Exception {
        assertThat(H2load.parse(WELL, RESPONSES, 2, 0))
                .isEqualTo(new LoadResult(8425, 2, 552_326_851, 0, 500, 990, 999));
    }

    @Test
    void whatFailedIsAnErrorAndNoRequest() throws Exception {
        LoadResult result = H2load.parse(NOT_FOUND, "1\t404\t7\n", 2, 0);
        assertThat(result.requests()).isZero();
        assertThat(result.errors()).isEqualTo(17_039);
        assertThat(H2load.parse(WELL.replace("0 3xx", "5 3xx"), RESPONSES, 2, 2).errors())
                .isEqualTo(7);
    }

    @Test
    void ofConnectionsThatNobodyTookOnlyTheLossIsKnown() throws Exception {
        LoadResult result = H2load.parse(NOBODY_THERE, "", 2, 32);
        assertThat(result.requests()).isZero();
        assertThat(result.errors()).isEqualTo(32);
        assertThat(result.p50()).isNaN();
    }

    @Test
    void anotherSuiteOrProtocolIsNoResult() {
        assertThatIOException()
                .isThrownBy(() -> H2load.parse(WELL.replace("AES_256_GCM_SHA384", "AES_128_GCM_SHA256"), "", 2, 0))
                .withMessageContaining("TLS_AES_128_GCM_SHA256 instead of TLS_AES_256_GCM_SHA384");
        assertThatIOException()
                .isThrownBy(() -> H2load.parse(WELL.replace("TLSv1.3", "TLSv1.2"), "", 2, 0))
                .withMessageContaining("TLSv1.2 instead of TLSv1.3");
        assertThatIOException()
                .isThrownBy(() -> H2load.parse(WELL.replace("protocol: h2", "protocol: http/1.1"), "", 2, 0))
                .withMessageContaining("http/1.1 instead of h2");
        assertThatIOException()
                .isThrownBy(() -> H2load.parse("[ERROR] no such option\n", "", 2, 0))
                .withMessageContaining("no such option");
    }
}
