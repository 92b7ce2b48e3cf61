package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaversTest {
    /** What the I/O thread is to do next, and what the other one is. */
    private final Queue<Runnable> soon = new ArrayDeque<>();

    private final Queue<Runnable> elsewhere = new ArrayDeque<>();
    private final List<Integer> closed = new ArrayList<>();
    private final Leavers leavers = new Leavers(soon::add, elsewhere::add);

    private void leave(int count) {
        for (int i = 0; i < count; i++) {
            int number = i;
            leavers.add(() -> closed.add(number));
        }
        assertThat(closed).as("not while the thread looks at others").isEmpty();
        assertThat(soon).hasSize(1);
        soon.remove().run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16})
    void aFewAreClosedOnTheirThread(int count) {
        leave(count);
        assertThat(closed).hasSize(count);
        assertThat(elsewhere).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 5000})
    void manyAreClosedOnAnother(int count) {
        leave(count);
        assertThat(closed).isEmpty();
        elsewhere.remove().run();
        assertThat(closed).hasSize(count);
    }

    @Test
    void thoseWhoLeaveLaterAreClosedLater() {
        for (int i = 0; i < 3; i++) {
            leave(1);
            closed.clear();
        }
    }

    @Test
    void whatGoesWrongWithOneIsNotTheOthersFault() {
        leavers.add(() -> {
            throw new IllegalStateException("made to fail");
        });
        leave(20);
        elsewhere.remove().run();
        assertThat(closed).hasSize(20);
    }

    @Test
    void whereTheThreadHasEndedTheyAreClosedAtOnce() {
        Leavers late = new Leavers(
                task -> {
                    throw new RejectedExecutionException();
                },
                elsewhere::add);
        late.add(() -> closed.add(1));
        assertThat(closed).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17})
    void whereTheOtherThreadHasEndedTheyAreClosedHere(int count) {
        Leavers last = new Leavers(soon::add, task -> {
            throw new RejectedExecutionException();
        });
        for (int i = 0; i < count; i++) {
            last.add(() -> closed.add(1));
        }
        soon.remove().run();
        assertThat(closed).hasSize(count);
    }

    /** They add as fast as they can, all from the same moment on, while the I/O thread takes out what is there. */
    @Test
    void noneIsLostWhereOtherThreadsAddToo() throws Exception {
        int each = 200_000;
        AtomicInteger all = new AtomicInteger();
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        Leavers shared = new Leavers(tasks::add, Runnable::run);
        AtomicBoolean added = new AtomicBoolean();
        CyclicBarrier start = new CyclicBarrier(4);
        Thread io = new Thread(() -> {
            meet(start);
            while (!added.get() || !tasks.isEmpty()) {
                Runnable task = tasks.poll();
                if (task != null) {
                    task.run();
                }
            }
        });
        List<Thread> adding = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            adding.add(new Thread(() -> {
                meet(start);
                for (int k = 0; k < each; k++) {
                    shared.add(all::incrementAndGet);
                }
            }));
        }
        io.start();
        adding.forEach(Thread::start);
        for (Thread thread : adding) {
            thread.join();
        }
        added.set(true);
        io.join();
        assertThat(all).hasValue(3 * each);
    }

    private static void meet(CyclicBarrier others) {
        try {
            others.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }
}
