package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceivedContentTest {
    @Test
    void whatComesOutIsWhatWentInWhateverThePieces() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        ReceivedContent content = new ReceivedContent();
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextBoolean()) {
                byte[] more = new byte[random.nextInt(random.nextInt(8) == 0 ? 16_384 : 10)];
                random.nextBytes(more);
                in.writeBytes(more);
                content.append(ByteBuffer.wrap(more));
            } else {
                ByteBuffer some = ByteBuffer.allocate(random.nextInt(random.nextInt(8) == 0 ? 40_000 : 10));
                int n = content.read(some);
                assertThat(n).isEqualTo(some.position());
                out.write(some.array(), 0, n);
            }
            assertThat(content.isEmpty()).as("seed %d", seed).isEqualTo(in.size() == out.size());
        }
        ByteBuffer rest = ByteBuffer.allocate(in.size() - out.size());
        content.read(rest);
        out.writeBytes(rest.array());
        assertThat(out.toByteArray()).as("seed %d", seed).isEqualTo(in.toByteArray());
        assertThat(content.drop()).isZero();
    }
}
