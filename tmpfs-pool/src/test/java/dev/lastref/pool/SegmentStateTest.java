package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SegmentStateTest {
    @ParameterizedTest
    @EnumSource(SegmentState.class)
    void aSegmentMovesOnAsDrawnAndNotOtherwise(SegmentState from) {
        for (SegmentState to : SegmentState.values()) {
            boolean legal = to.ordinal() == from.ordinal() + 1
                    || (from == SegmentState.PREPARED && to == SegmentState.RELEASED)
                    || (from == SegmentState.DRAINING && to == SegmentState.RELEASED);
            if (legal) {
                assertThat(from.to(to)).isEqualTo(to);
            } else {
                assertThatIllegalStateException()
                        .isThrownBy(() -> from.to(to))
                        .withMessageContaining(from.name())
                        .withMessageContaining(to.name());
            }
        }
    }

    @Test
    void nothingIsCutFromASegmentThatIsNotFilling() throws Exception {
        try (TmpfsPool pool = TmpfsPool.open(PoolConfig.of(1 << 20))) {
            Segment segment = new Segment(
                    1, SegmentState.FILLING, SegmentFiles.MEMFD.create(1, PoolConfig.PAGE), PoolConfig.PAGE);
            try {
                segment.moveTo(SegmentState.LIVE);
                assertThatIllegalStateException().isThrownBy(() -> segment.cut(new Extent(pool, 0), 0, 1, 1));
            } finally {
                segment.file().close();
            }
        }
    }

    @Test
    void noMoreIsCutFromASegmentThanItHasRoomFor() throws Exception {
        try (TmpfsPool pool = TmpfsPool.open(PoolConfig.of(1 << 20))) {
            Segment segment = new Segment(
                    1, SegmentState.FILLING, SegmentFiles.MEMFD.create(1, 2 * PoolConfig.PAGE), 2 * PoolConfig.PAGE);
            try {
                Slice first = segment.cut(new Extent(pool, 0), 0, 100, 64);
                assertThat(segment.roomAt(64)).isEqualTo(2 * PoolConfig.PAGE - 128);
                assertThat(segment.roomAt(PoolConfig.PAGE)).isEqualTo(PoolConfig.PAGE);
                assertThatIllegalStateException()
                        .isThrownBy(() -> segment.cut(new Extent(pool, 0), 0, PoolConfig.PAGE + 1, PoolConfig.PAGE));
                segment.cut(new Extent(pool, 0), 0, PoolConfig.PAGE, PoolConfig.PAGE);
                assertThat(segment.roomAt(1)).isZero();
                assertThatIllegalStateException().isThrownBy(() -> segment.resize(first, 50));
            } finally {
                segment.file().close();
            }
        }
    }

    @Test
    void paddingIsNothingThatMovingWouldWin() throws Exception {
        try (TmpfsPool pool = TmpfsPool.open(PoolConfig.of(1 << 20))) {
            Segment segment = new Segment(
                    1, SegmentState.FILLING, SegmentFiles.MEMFD.create(1, 4 * PoolConfig.PAGE), 4 * PoolConfig.PAGE);
            try {
                Slice first = segment.cut(new Extent(pool, 0), 0, 100, PoolConfig.PAGE);
                segment.cut(new Extent(pool, 0), 0, PoolConfig.PAGE + 1, PoolConfig.PAGE);
                segment.moveTo(SegmentState.LIVE);
                assertThat(segment.bytesWonByMoving()).isEqualTo(PoolConfig.PAGE);
                first.died();
                assertThat(segment.bytesWonByMoving()).isEqualTo(2 * PoolConfig.PAGE);
            } finally {
                segment.file().close();
            }
        }
    }
}
