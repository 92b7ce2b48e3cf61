package dev.lastref.samples.blobstore;

import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.samples.HostPort;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Runs a blob store until SIGINT or SIGTERM. */
public final class BlobStore {
    private BlobStore() {}

    public static void main(String[] args) throws InterruptedException {
        try {
            Options options = Options.parse(args);
            if (options.help()) {
                System.out.print(Options.USAGE);
            } else {
                run(options);
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + System.lineSeparator());
            System.err.print(Options.USAGE);
            System.exit(2);
        } catch (IOException e) {
            System.err.println("The blob store cannot run: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(Options options) throws IOException, InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        // The pool is closed last: by then nobody sends from it.
        try (TmpfsPool pool = TmpfsPool.open(PoolConfig.of(options.pool()));
                BlobServer server = BlobServer.start(options.listen(), pool)) {
            System.out.println("Blobs at " + HostPort.format(server.address()) + ", in at most " + pool.capacity()
                    + " bytes of memory. Ctrl-C ends it.");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitClose(end, ended), "blob-store-end"));
            end.await();
        } finally {
            ended.countDown();
        }
    }

    /** Holds the JVM's exit until all is closed. */
    private static void awaitClose(CountDownLatch end, CountDownLatch ended) {
        end.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
