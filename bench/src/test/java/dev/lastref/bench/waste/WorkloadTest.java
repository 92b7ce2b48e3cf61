package dev.lastref.bench.waste;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lastref.bench.waste.Workload.Kind;
import dev.lastref.bench.waste.Workload.Resource;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    private static final int RESOURCES = 20_000;
    private static final int REQUESTS = 200_000;

    @Test
    void theSameSeedAsksForTheSame() {
        Workload one = new Workload(5, 100, 0.9, 10);
        Workload other = new Workload(5, 100, 0.9, 10);
        for (int i = 0; i < 1000; i++) {
            assertThat(one.nextArrival()).isEqualTo(other.nextArrival());
            assertThat(one.nextKind()).isEqualTo(other.nextKind());
            assertThat(one.nextResource()).isEqualTo(other.nextResource());
        }
    }

    @Test
    void sizesAndLifetimesAreAsTheJavadocSays() {
        Workload workload = new Workload(11, RESOURCES, 0, 10);
        Map<Integer, Resource> seen = new HashMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            Resource resource = workload.nextResource();
            seen.put(resource.id(), resource);
        }
        int[] sizes = seen.values().stream().mapToInt(Resource::bytes).sorted().toArray();
        assertThat(sizes[0]).isGreaterThanOrEqualTo(Workload.SMALLEST);
        assertThat(sizes[sizes.length - 1]).isLessThanOrEqualTo(Workload.LARGEST);
        assertThat((double) sizes[sizes.length / 2]).isCloseTo(8192, within(600.0));
        assertThat(workload.totalBytes() / (double) RESOURCES).isBetween(35_000.0, 65_000.0);
        assertThat(seen.values()).allMatch(resource -> resource.seconds() >= 1 && resource.seconds() <= 86_400);
        assertThat(share(seen, 1, 10)).isCloseTo(share(seen, 1000, 10_000), within(0.03));
        assertThat((double) seen.values().stream()
                                .filter(resource -> !resource.hasLength())
                                .count()
                        / seen.size())
                .isCloseTo(1 / 8.0, within(0.02));
    }

    private static double share(Map<Integer, Resource> resources, int from, int to) {
        return (double) resources.values().stream()
                        .filter(resource -> resource.seconds() >= from && resource.seconds() < to)
                        .count()
                / resources.size();
    }

    @Test
    void requestsComeAtTheRateAndInTheProportionsAskedFor() {
        Workload workload = new Workload(3, 10, 0.9, 10);
        Map<Kind, Integer> kinds = new HashMap<>();
        long last = 0;
        for (int i = 0; i < REQUESTS; i++) {
            long arrival = workload.nextArrival();
            assertThat(arrival).isGreaterThanOrEqualTo(last);
            last = arrival;
            kinds.merge(workload.nextKind(), 1, Integer::sum);
        }
        assertThat(last / 1e9).isCloseTo(REQUESTS / 10.0, within(REQUESTS / 10.0 * 0.02));
        assertThat(kinds.get(Kind.OVERWRITE)).isCloseTo(REQUESTS / 50, within(REQUESTS / 500));
        assertThat(kinds.get(Kind.PURGE)).isCloseTo(REQUESTS / 200, within(REQUESTS / 1000));
    }
}
