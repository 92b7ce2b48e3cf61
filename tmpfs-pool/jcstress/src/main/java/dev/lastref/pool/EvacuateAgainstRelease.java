package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** The last owner lets go while the extent is moved out of a sparse segment. */
@JCStressTest
@Description("moving an extent against the last release: whichever comes first, both places are let go, once")
@Outcome(id = "(true|false), 1", expect = Expect.ACCEPTABLE, desc = "moved or not: it is gone, and counted once")
@Outcome(id = ".*, 0", expect = Expect.FORBIDDEN, desc = "LEAKED: a place of a dead extent is held for ever")
@Outcome(id = ".*, [2-9]", expect = Expect.FORBIDDEN, desc = "LET GO TWICE: the account counts it twice")
@Outcome(id = ".*, -1", expect = Expect.FORBIDDEN, desc = "REVIVED: a dead extent can be read")
@State
public class EvacuateAgainstRelease {
    private final Extent extent = RacePool.written();

    @Actor
    public void move(ZI_Result seen) {
        seen.r1 = RacePool.move(extent);
    }

    @Actor
    public void release() {
        extent.release();
    }

    @Arbiter
    public void after(ZI_Result seen) {
        int times = RacePool.timesLetGo(extent);
        seen.r2 = extent.transmit() == null ? times : -1;
    }
}
