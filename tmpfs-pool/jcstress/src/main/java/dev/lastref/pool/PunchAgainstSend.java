package dev.lastref.pool;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZZ_Result;

/** The puncher looks for dead pages while the last send of some of them ends. */
@JCStressTest
@Description(
        "dead pages are sought while the last send ends: what is seen to be dead is seen to have been sent, to whom, and awaited")
@Outcome(id = "false, .*", expect = Expect.ACCEPTABLE, desc = "still held: not punched")
@Outcome(
        id = "true, true, true, true",
        expect = Expect.ACCEPTABLE,
        desc = "dead, and all that keeps it from being punched is known")
@Outcome(
        id = "true, false, .*",
        expect = Expect.FORBIDDEN,
        desc = "UNPROVEN AS PROVEN: punched as if the kernel had no page of it")
@Outcome(
        id = "true, true, false, .*",
        expect = Expect.FORBIDDEN,
        desc = "UNASKED: the ledger is believed, which does not know who has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "OUT OF SIGHT: the proof that somebody awaits would not cover it")
@State
public class PunchAgainstSend {
    private final Segment segment = RacePool.segmentWithoutFile(PoolConfig.PAGE);
    private final Slice slice = segment.cut(RacePool.begun(), 0, PoolConfig.PAGE, PoolConfig.PAGE);

    public PunchAgainstSend() {
        slice.tryAddSend();
        slice.releaseOwner();
    }

    @Actor
    public void send() {
        segment.markSentFrom(); // as a transmission does
        segment.sentToUnnamed();
        segment.whenReleased();
        slice.releaseSend();
    }

    @Actor
    public void plan(ZZZZ_Result seen) {
        seen.r1 = !segment.holes().deadPages(List.of(slice), PoolConfig.PAGE).isEmpty(); // as the puncher does
        seen.r2 = segment.wasSentFrom();
        seen.r3 = segment.wasSentToUnnamed();
        seen.r4 = segment.isAwaited();
    }
}
