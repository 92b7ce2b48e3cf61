package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** A hit retains an extent while the index, its last owner, lets go of it. */
@JCStressTest
@Description("tryRetain against the last release: nothing is revived, and it is let go of when it dies")
@Outcome(id = "true, true, 0", expect = Expect.ACCEPTABLE, desc = "retained in time: it lives on")
@Outcome(id = "false, false, 1", expect = Expect.ACCEPTABLE, desc = "too late: it is dead, and counted once")
@Outcome(
        id = {"true, false, .*", "true, true, 1"},
        expect = Expect.FORBIDDEN,
        desc = "REVIVED: retained after it had died; its bytes may be gone")
@Outcome(id = "false, .*, 0", expect = Expect.FORBIDDEN, desc = "LEAKED: nobody owns it and nobody saw it die")
@Outcome(expect = Expect.FORBIDDEN, desc = "the count is wrong")
@State
public class RetainAgainstRetire {
    private final Extent extent = RacePool.written();

    @Actor
    public void retain(ZZI_Result seen) {
        seen.r1 = extent.tryRetain();
    }

    @Actor
    public void release() {
        extent.release();
    }

    @Arbiter
    public void after(ZZI_Result seen) {
        seen.r2 = extent.isLive();
        seen.r3 = RacePool.timesLetGo(extent);
        if (seen.r2) {
            extent.release();
            RacePool.timesLetGo(extent);
        }
    }
}
