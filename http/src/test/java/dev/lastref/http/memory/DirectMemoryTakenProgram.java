package dev.lastref.http.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.TestSidecar;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A sidecar in a process that has taken almost all that it may have outside the heap for something else, and clients each of which holds
 * a buffer of its requests. Prints how many there were, and how many hits others had meanwhile.
 */
final class DirectMemoryTakenProgram {
    private static final int CLIENTS = 30;
    private static final long SIZE = 16 * 1024;
    private static final int LEFT = 256 * 1024;

    private DirectMemoryTakenProgram() {}

    public static void main(String[] urls) throws Exception {
        System.in.read();
        List<RawClient> clients = new ArrayList<>();
        try (TestSidecar sidecar = TestSidecar.before(urls[0])) {
            sidecar.get("/hit");
            sidecar.get("/hit");
            List<ByteBuffer> taken = new ArrayList<>();
            while (new DirectMemory(3 << 20).getAsLong() >= LEFT) {
                taken.add(ByteBuffer.allocateDirect(LEFT / 2));
            }
            int hits = 0;
            for (int i = 0; i < CLIENTS; i++) {
                RawClient uploading = sidecar.connect();
                clients.add(uploading);
                uploading.send(
                        "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(5000));
                long all = (i + 1) * SIZE;
                await().until(() ->
                        sidecar.metric("lastref_direct_buffers") * SIZE + sidecar.metric("lastref_requests_held_bytes")
                                >= all);
                if (sidecar.get("/hit").isHit()) {
                    hits++;
                }
            }
            assertThat(taken).isNotEmpty();
            System.out.println("uploads: " + clients.size());
            System.out.println("hits: " + hits);
            for (RawClient client : clients) {
                client.close();
            }
        }
        System.exit(0);
    }
}
