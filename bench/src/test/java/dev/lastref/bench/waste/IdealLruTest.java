package dev.lastref.bench.waste;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IdealLruTest {
    @Test
    void theLeastRecentlyUsedGoesWhenAByteIsMissing() {
        IdealLru lru = new IdealLru(100);
        lru.store(1, 40, 1000, 0);
        lru.store(2, 60, 1000, 0);
        assertThat(lru.find(1, 1)).isTrue();
        lru.store(3, 1, 1000, 2);
        assertThat(lru.find(2, 3)).isFalse();
        assertThat(lru.find(1, 3)).isTrue();
        assertThat(lru.find(3, 3)).isTrue();
        assertThat(lru.bytes(3)).isEqualTo(41);
    }

    @Test
    void anEntryExpiresAtItsTimeAndGivesItsBytesBack() {
        IdealLru lru = new IdealLru(100);
        lru.store(1, 70, 10, 0);
        assertThat(lru.find(1, 9)).isTrue();
        assertThat(lru.bytes(10)).isZero();
        assertThat(lru.find(1, 10)).isFalse();
    }

    @Test
    void whatReplacesAnEntryOutlivesItsExpiry() {
        IdealLru lru = new IdealLru(100);
        lru.store(1, 70, 10, 0);
        lru.store(1, 30, 50, 5);
        assertThat(lru.bytes(5)).isEqualTo(30);
        assertThat(lru.find(1, 20)).isTrue();
        assertThat(lru.find(1, 50)).isFalse();
    }

    @Test
    void whatIsTooLargeReplacesNothingButItself() {
        IdealLru lru = new IdealLru(100);
        lru.store(1, 50, 1000, 0);
        lru.store(2, 101, 1000, 0);
        assertThat(lru.find(1, 1)).isTrue();
        assertThat(lru.find(2, 1)).isFalse();
        lru.remove(1);
        lru.remove(1);
        assertThat(lru.bytes(1)).isZero();
    }

    /** Against a model that looks at everything every time. */
    @Test
    void itHoldsExactlyWhatTheModelHolds() {
        long seed = 42;
        SplittableRandom random = new SplittableRandom(seed);
        IdealLru lru = new IdealLru(1000);
        Map<Integer, long[]> model = new LinkedHashMap<>();
        for (int now = 0; now < 20_000; now++) {
            int time = now;
            model.values().removeIf(entry -> entry[1] <= time);
            int id = random.nextInt(60);
            long[] found = model.get(id);
            switch (random.nextInt(4)) {
                case 0 -> {
                    int size = random.nextInt(1, 200);
                    long expires = now + random.nextInt(1, 100);
                    lru.store(id, size, expires, now);
                    model.remove(id);
                    List<Integer> oldest = new ArrayList<>(model.keySet());
                    while (sum(model) + size > 1000) {
                        model.remove(oldest.remove(0));
                    }
                    model.put(id, new long[] {size, expires});
                }
                case 1 -> {
                    lru.remove(id);
                    model.remove(id);
                }
                default -> {
                    assertThat(lru.find(id, now))
                            .as("seed %d, step %d", seed, now)
                            .isEqualTo(found != null);
                    if (found != null) {
                        model.remove(id);
                        model.put(id, found);
                    }
                }
            }
            assertThat(lru.bytes(now)).as("seed %d, step %d", seed, now).isEqualTo(sum(model));
        }
    }

    private static long sum(Map<Integer, long[]> model) {
        return model.values().stream().mapToLong(entry -> entry[0]).sum();
    }
}
