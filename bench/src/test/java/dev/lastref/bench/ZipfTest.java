package dev.lastref.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ZipfTest {
    @Test
    void probabilitiesFallWithTheRankAndSumToOne() {
        Zipf zipf = new Zipf(1000, 0.9);
        assertThat(IntStream.range(0, 1000).mapToDouble(zipf::probability).sum())
                .isCloseTo(1, within(1e-9));
        assertThat(zipf.probability(0) / zipf.probability(9)).isCloseTo(Math.pow(10, 0.9), within(1e-6));
        assertThat(zipf.probability(99) / zipf.probability(999)).isCloseTo(Math.pow(10, 0.9), within(1e-6));
    }

    @Test
    void drawsFollowTheProbabilities() {
        Zipf zipf = new Zipf(50, 1);
        SplittableRandom random = new SplittableRandom(7);
        int draws = 200_000;
        int[] drawn = new int[50];
        for (int i = 0; i < draws; i++) {
            drawn[zipf.draw(random)]++;
        }
        for (int rank = 0; rank < 50; rank++) {
            double expected = draws * zipf.probability(rank);
            // Six standard deviations: with a fixed seed this says the same every time.
            assertThat((double) drawn[rank]).as("rank " + rank).isCloseTo(expected, within(6 * Math.sqrt(expected)));
        }
    }

    @Test
    void anExponentOfZeroDrawsAllAlike() {
        Zipf zipf = new Zipf(4, 0);
        assertThat(zipf.probability(0)).isCloseTo(0.25, within(1e-12));
        assertThat(zipf.probability(3)).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void whatIsNoDistributionIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Zipf(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Zipf(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Zipf(1, Double.NaN));
    }
}
