package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZZ_Result;

/** An extent that lies in two segments dies while its last send ends. */
@JCStressTest
@Description("the end of the last send against the death of an extent of two slices: each segment counts both, once")
@Outcome(id = "1, false, false", expect = Expect.ACCEPTABLE, desc = "let go of once, and nothing lives or is held")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "LEAKED: nobody let go of it")
@Outcome(id = "[2-9], .*", expect = Expect.FORBIDDEN, desc = "LET GO TWICE: the account counts it twice")
@Outcome(expect = Expect.FORBIDDEN, desc = "LOST: a segment would live, or be held, for ever")
@State
public class LastSendAgainstDeath {
    private final Extent extent = RacePool.begun();

    public LastSendAgainstDeath() {
        RacePool.accountWithoutFiles().cutWhole(extent, 2L * RacePool.SEGMENT);
        extent.tryAddSend();
    }

    @Actor
    public void endSend() {
        extent.sendEnded();
    }

    @Actor
    public void die() {
        extent.release();
    }

    @Arbiter
    public void after(IZZ_Result seen) {
        seen.r1 = RacePool.timesLetGo(extent);
        for (Slice slice : extent.slices()) {
            seen.r2 |= slice.segment().isLive();
            seen.r3 |= slice.segment().isHeld();
        }
    }
}
