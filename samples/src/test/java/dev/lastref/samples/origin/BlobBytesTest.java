package dev.lastref.samples.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlobBytesTest {

    @Test
    void givesAnyRangeTheSameBytesAsTheWhole() {
        byte[] whole = new byte[1000];
        BlobBytes.fill(7, 0, whole, 0, whole.length);

        for (int start = 0; start < 20; start++) {
            byte[] range = Arrays.copyOfRange(whole, start, 500 + start);
            assertThat(BlobBytes.firstDifference(7, start, range))
                    .as("from %s", start)
                    .isEqualTo(-1);
        }
    }

    @Test
    void pointsAtTheFirstWrongByte() {
        byte[] bytes = new byte[1000];
        BlobBytes.fill(7, 100, bytes, 0, bytes.length);
        bytes[123] ^= 1;

        assertThat(BlobBytes.firstDifference(7, 100, bytes)).isEqualTo(223);
        assertThat(BlobBytes.firstDifference(8, 100, bytes)).isEqualTo(100);
    }
}
