package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few entries never deny that a segment was sent from. */
class SegmentNotesTest {
    private final SegmentNotes notes = new SegmentNotes();

    private List<Integer> since(int epoch) {
        List<Integer> segments = new ArrayList<>();
        notes.forEachSince(epoch, segments::add);
        return segments;
    }

    @Test
    void whatWasNotedIsIncludedAndNothingElse() {
        assertThat(notes.hasAny(0)).isFalse();
        notes.add(7, 3, 0);
        notes.add(9, 4, 0);
        assertThat(notes.mayInclude(7, 3)).isTrue();
        assertThat(notes.mayInclude(7, 4)).isFalse();
        assertThat(notes.mayInclude(9, 4)).isTrue();
        assertThat(notes.mayInclude(8, 0)).isFalse();
        assertThat(notes.hasAny(4)).isTrue();
        assertThat(notes.hasAny(5)).isFalse();
        assertThat(since(4)).containsExactly(9);
    }

    @Test
    void aSegmentThatIsSentFromAgainIsOneEntryOfTheLaterEpoch() {
        notes.add(7, 3, 0);
        notes.add(9, 3, 0);
        notes.add(7, 6, 0);
        assertThat(notes.mayInclude(7, 6)).isTrue();
        assertThat(notes.mayInclude(9, 4)).isFalse();
        assertThat(since(0)).containsExactlyInAnyOrder(7, 9);
    }

    @Test
    void whereMoreIsSentFromThanFitsAnySegmentMayBeIncludedAsLateAsTheLastOneForgotten() {
        for (int segment = 1; segment <= 9; segment++) {
            notes.add(segment, 10 + segment, 0);
        }
        assertThat(notes.mayInclude(1, 11)).isTrue();
        assertThat(notes.mayInclude(1000, 11))
                .as("forgotten: it could have been this")
                .isTrue();
        assertThat(notes.mayInclude(1000, 12)).isFalse();
        assertThat(since(0)).containsExactlyInAnyOrder(2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void whatHasDrainedMakesRoomWithoutBeingForgotten() {
        for (int segment = 1; segment <= 100; segment++) {
            notes.add(segment, segment, segment); // each has drained before the next
        }
        assertThat(notes.mayInclude(1000, 0)).isFalse();
        assertThat(notes.mayInclude(100, 100)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MAX_VALUE - 50, -50})
    void neverDeniesWhatWasSentWhateverTheEpochIs(int firstEpoch) {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        Map<Integer, Integer> last = new HashMap<>();
        int epoch = firstEpoch;
        int drained = firstEpoch;
        for (int step = 0; step < 20_000; step++) {
            epoch += random.nextInt(8) == 0 ? 1 : 0;
            if (random.nextInt(20) == 0) {
                drained += random.nextInt(epoch - drained + 1);
            }
            int segment = 1 + random.nextInt(random.nextBoolean() ? 4 : 40);
            notes.add(segment, epoch, drained);
            last.put(segment, epoch);
            int asked = 1 + random.nextInt(40);
            Integer sent = last.get(asked);
            if (sent != null && sent - drained >= 0) {
                assertThat(notes.mayInclude(asked, drained))
                        .as("segment %d, sent in %d, drained before %d; seed %d", asked, sent, drained, seed)
                        .isTrue();
                assertThat(notes.hasAny(drained)).isTrue();
            }
        }
    }
}
