package dev.lastref.http.testing;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Something that a script waits for until the test lets it go on. */
public final class Gate {
    private static final int PATIENCE_SECONDS = 30;

    private final CountDownLatch latch = new CountDownLatch(1);

    public void open() {
        latch.countDown();
    }

    /** Waits until it is open; a test that forgets to open it fails instead of hanging. */
    public void await() throws InterruptedException {
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody opened the gate within " + PATIENCE_SECONDS + " s");
        }
    }
}
