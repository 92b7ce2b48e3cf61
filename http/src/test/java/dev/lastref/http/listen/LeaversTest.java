package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

class LeaversTest {
    private XnioWorker worker;

    @BeforeEach
    void startWorker() throws Exception {
        worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
    }

    @AfterEach
    void endWorker() throws Exception {
        worker.shutdown();
        worker.awaitTermination();
    }

    /** On which threads so many are closed that leave at once. */
    private List<Thread> closedTogether(XnioIoThread thread, int count) {
        Leavers leavers = new Leavers(thread);
        List<Thread> closing = new CopyOnWriteArrayList<>();
        thread.execute(() -> {
            for (int i = 0; i < count; i++) {
                leavers.add(() -> closing.add(Thread.currentThread()));
            }
            assertThat(closing).as("not while the thread looks at others").isEmpty();
        });
        await().until(() -> closing.size() == count);
        return closing;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16})
    void aFewAreClosedOnTheirThread(int count) {
        XnioIoThread thread = worker.getIoThread();
        assertThat(closedTogether(thread, count)).containsOnly(thread);
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 5000})
    void manyAreClosedOnAnother(int count) {
        XnioIoThread thread = worker.getIoThread();
        assertThat(closedTogether(thread, count)).doesNotContain(thread);
    }

    @Test
    void thoseWhoLeaveLaterAreClosedLater() {
        XnioIoThread thread = worker.getIoThread();
        Leavers leavers = new Leavers(thread);
        List<Integer> closed = new CopyOnWriteArrayList<>();
        for (int i : List.of(1, 2, 3)) {
            thread.execute(() -> leavers.add(() -> closed.add(i)));
            await().until(() -> closed.size() == i);
        }
        assertThat(closed).containsExactly(1, 2, 3);
    }
}
