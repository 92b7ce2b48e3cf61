package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Two threads release what only one of them owns. */
@JCStressTest
@Description("one release too many: it throws, whichever comes second")
@Outcome(
        id = {"true, false, 1", "false, true, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "the second one throws")
@Outcome(id = ".*, [2-9]", expect = Expect.FORBIDDEN, desc = "LET GO TWICE")
@Outcome(id = ".*, 0", expect = Expect.FORBIDDEN, desc = "LEAKED: neither release counted")
@Outcome(expect = Expect.FORBIDDEN, desc = "the count is wrong")
@State
public class ReleaseTwice {
    private final Extent extent = RacePool.written();

    @Actor
    public void one(ZZI_Result seen) {
        seen.r1 = release();
    }

    @Actor
    public void other(ZZI_Result seen) {
        seen.r2 = release();
    }

    @Arbiter
    public void after(ZZI_Result seen) {
        seen.r3 = RacePool.timesLetGo(extent);
    }

    private boolean release() {
        try {
            extent.release();
            return true;
        } catch (IllegalStateException tooMany) {
            return false;
        }
    }
}
