package dev.lastref.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MaintenanceTest {
    private final List<Thread> ranOn = new CopyOnWriteArrayList<>();

    private void note() {
        ranOn.add(Thread.currentThread());
    }

    @Test
    void whatItIsGivenRunsOnItsThread() {
        try (Maintenance maintenance = new Maintenance()) {
            for (int i = 1; i <= 100; i++) {
                int given = i;
                maintenance.execute(this::note);
                if (i % 10 == 0) {
                    await().until(() -> ranOn.size() == given);
                }
            }
        }
        assertThat(ranOn).hasSize(100).doesNotContain(Thread.currentThread());
    }

    @Test
    void whatATaskBringsRunsToo() {
        try (Maintenance maintenance = new Maintenance()) {
            maintenance.execute(() -> maintenance.execute(this::note));
            await().until(() -> ranOn.size() == 1);
        }
    }

    @Test
    void aTaskThatFailsStopsNoOther() {
        try (Maintenance maintenance = new Maintenance()) {
            maintenance.execute(() -> {
                throw new IllegalStateException("as the test wants it");
            });
            maintenance.execute(this::note);
            await().until(() -> ranOn.size() == 1);
        }
    }

    @Test
    void theCloseRunsWhatWasGathered() {
        AtomicInteger run = new AtomicInteger();
        Maintenance maintenance = new Maintenance();
        for (int i = 0; i < 1000; i++) {
            maintenance.execute(run::incrementAndGet);
        }
        maintenance.close();
        assertThat(run).hasValue(1000);
    }

    @Test
    void afterTheCloseWhoGivesATaskRunsIt() {
        Maintenance maintenance = new Maintenance();
        maintenance.close();
        maintenance.execute(this::note);
        maintenance.execute(this::note);
        assertThat(ranOn).containsExactly(Thread.currentThread(), Thread.currentThread());
    }
}
