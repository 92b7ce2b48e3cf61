package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.xnio.conduits.StreamSinkConduit;

/** In time that goes as the test says, with a socket that takes as much as it says. */
class SendTimeoutTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private record Due(long atNanos, Runnable task) {}

    private final Queue<Due> timers = new ArrayDeque<>();
    private long now = 1_000_000;
    private int room;
    private int late;

    private final StreamSinkConduit socket = (StreamSinkConduit) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {StreamSinkConduit.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("flush")) {
                    return true;
                }
                ByteBuffer from = (ByteBuffer) arguments[0];
                int n = Math.min(room, from.remaining());
                from.position(from.position() + n);
                room -= n;
                return n;
            });

    private final SendTimeout timeout = new SendTimeout(
            socket, LIMIT, () -> now, (nanos, task) -> timers.add(new Due(now + nanos, task)), () -> late++);

    private void passes(Duration time) {
        long to = now + time.toNanos();
        for (Due next = timers.peek(); next != null && next.atNanos <= to; next = timers.peek()) {
            timers.remove();
            now = Math.max(now, next.atNanos);
            next.task.run();
        }
        now = to;
    }

    /** Returns whether all of it was taken. */
    private boolean write(ByteBuffer bytes, int taken) throws IOException {
        room = taken;
        assertThat(timeout.write(bytes)).isEqualTo(taken);
        return !bytes.hasRemaining();
    }

    @Test
    void whoTakesNothingForTheTimeIsLeft() throws IOException {
        assertThat(write(ByteBuffer.allocate(100), 0)).isFalse();
        passes(LIMIT.minusNanos(1));
        assertThat(late).isZero();
        passes(Duration.ofNanos(1));
        assertThat(late).isEqualTo(1);
        passes(LIMIT.multipliedBy(3));
        assertThat(late).as("once").isEqualTo(1);
    }

    @Test
    void whoTakesAByteHasTheTimeAgain() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        assertThat(write(bytes, 50)).isFalse();
        for (int i = 0; i < 10; i++) {
            passes(LIMIT.minusNanos(1));
            assertThat(write(bytes, 1)).isFalse();
        }
        assertThat(late).isZero();
        passes(LIMIT);
        assertThat(late).isEqualTo(1);
    }

    @Test
    void askingAgainWithoutTakingGivesNoTime() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        write(bytes, 10);
        passes(LIMIT.dividedBy(2));
        write(bytes, 0);
        passes(LIMIT.dividedBy(2));
        assertThat(late).isEqualTo(1);
    }

    @Test
    void whoHasTakenAllMayBeSilentForEver() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        write(bytes, 40);
        passes(LIMIT.dividedBy(2));
        assertThat(write(bytes, 60)).isTrue();
        passes(LIMIT.multipliedBy(100));
        assertThat(late).isZero();
        assertThat(timers).as("nothing looks").isEmpty();

        write(ByteBuffer.allocate(100), 0); // the next answer has all of the time
        passes(LIMIT.minusNanos(1));
        assertThat(late).isZero();
        passes(Duration.ofNanos(1));
        assertThat(late).isEqualTo(1);
    }
}
