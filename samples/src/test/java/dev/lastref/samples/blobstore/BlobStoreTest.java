package dev.lastref.samples.blobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlobStoreTest {
    private static final int MIB = 1024 * 1024;
    private static final long CAPACITY = 16 * MIB;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final TmpfsPool pool = TestPools.open(CAPACITY);
    private BlobServer server;
    private BlobClient client;

    @BeforeEach
    void start() throws Exception {
        server = BlobServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), pool);
        client = new BlobClient(server.address());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
        pool.close();
    }

    @Test
    void aSlowReaderGetsAllOfTheOldBytesWhileTheBlobIsReplacedAndDeleted() throws Exception {
        byte[] old = bytes(1, 6 * MIB);
        byte[] replacement = bytes(2, 5 * MIB);
        assertThat(client.put("film", old)).isEqualTo("STORED " + old.length);
        try (BlobClient slow = new BlobClient(server.address())) {
            assertThat(slow.ask("GET film")).isEqualTo("BLOB " + old.length);
            byte[] start = slow.read(1000);

            assertThat(client.put("film", replacement)).isEqualTo("STORED " + replacement.length);
            assertThat(client.get("film")).isEqualTo(replacement);
            assertThat(client.ask("DELETE film")).isEqualTo("DELETED");
            assertThat(client.ask("GET film")).isEqualTo("ABSENT");
            // No blob has an owner, but the old bytes stay on the account as long as they are being sent.
            assertThat(client.stat("blobs")).isZero();
            assertThat(client.stat("sends")).isEqualTo(1);
            await().atMost(PATIENCE).until(() -> client.stat("retired") >= old.length);
            // Whoever comes meanwhile writes elsewhere.
            assertThat(client.put("other", bytes(3, 2 * MIB))).startsWith("STORED");
            assertThat(client.ask("DELETE other")).isEqualTo("DELETED");

            ByteBuffer all = ByteBuffer.allocate(old.length).put(start).put(slow.read(old.length - start.length));
            assertThat(all.array()).isEqualTo(old);
        }
        awaitEmptyPool();
    }

    @Test
    void whatIsPutIsGotBack() throws Exception {
        for (int length : new int[] {1, 100, 8 * 1024 - 1, 8 * 1024, 65_537, 3 * MIB}) {
            byte[] blob = bytes(length, length);
            assertThat(client.put("blob", blob)).isEqualTo("STORED " + length);
            assertThat(client.get("blob")).isEqualTo(blob);
        }
        assertThat(client.ask("DELETE blob")).isEqualTo("DELETED");
        assertThat(client.ask("DELETE blob")).isEqualTo("ABSENT");
        awaitEmptyPool();
    }

    @Test
    void aFullPoolIsSaidAndTakesBlobsAgainAfterADelete() throws Exception {
        byte[] blob = bytes(4, 10 * MIB);
        assertThat(client.put("first", blob)).startsWith("STORED");
        assertThat(client.put("second", blob)).startsWith("FULL").contains("" + blob.length, "" + CAPACITY);
        assertThat(client.ask("GET second")).isEqualTo("ABSENT");
        assertThat(client.put("first", bytes(5, MIB))).startsWith("STORED");
        await().atMost(PATIENCE).until(() -> client.put("second", blob).startsWith("STORED"));
        assertThat(client.get("second")).isEqualTo(blob);
        assertThat(client.get("first")).isEqualTo(bytes(5, MIB));
    }

    @Test
    void whatAClientThatLeavesHalfWayHadUnderWayIsGivenUp() throws Exception {
        assertThat(client.put("blob", bytes(6, 6 * MIB))).startsWith("STORED");
        try (BlobClient leaving = new BlobClient(server.address());
                BlobClient left = new BlobClient(server.address())) {
            leaving.send("PUT blob 1000000\nonly the beginning");
            left.send("GET blob\n");
            left.read(1000);
            await().atMost(PATIENCE).until(() -> client.stat("sends") == 1);
        }
        await().atMost(PATIENCE).until(() -> client.stat("sends") == 0);
        assertThat(client.get("blob")).isEqualTo(bytes(6, 6 * MIB));
        assertThat(client.ask("DELETE blob")).isEqualTo("DELETED");
        awaitEmptyPool();
    }

    @Test
    void requestsMayBeSentAhead() throws Exception {
        client.send("PUT a 5\nhelloGET a\nDELETE a\nGET a\n");
        assertThat(client.readLine()).isEqualTo("STORED 5");
        assertThat(client.readLine()).isEqualTo("BLOB 5");
        assertThat(client.read(5)).asString().isEqualTo("hello");
        assertThat(client.readLine()).isEqualTo("DELETED");
        assertThat(client.readLine()).isEqualTo("ABSENT");
    }

    @Test
    void whatIsNoRequestIsExplainedAndEndsTheConnection() throws Exception {
        assertThat(client.ask("POST a 5")).isEqualTo("ERROR 'POST' is none of PUT, GET, DELETE and STAT");
        assertThat(client.isAtEnd()).isTrue();
        for (String line :
                new String[] {"PUT a", "PUT a -1", "PUT a 0", "GET  a", "GET", "STAT all", "x".repeat(2000)}) {
            try (BlobClient other = new BlobClient(server.address())) {
                assertThat(other.ask(line)).startsWith("ERROR ");
            }
        }
    }

    /** By the pool's own account, which a client sees: every byte is free, so the kernel held none any more. */
    private void awaitEmptyPool() {
        await().atMost(PATIENCE).until(() -> client.stat("free") == CAPACITY);
    }

    private static byte[] bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
