package dev.lastref.pool;

import dev.lastref.pool.References.Change;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZLZ_Result;

/** A hit retains an extent while the index, its last owner, lets go of it. */
@JCStressTest
@Description("tryRetain against the last release: nothing is revived, and one of them sees it die")
@Outcome(id = "true, NONE, true", expect = Expect.ACCEPTABLE, desc = "retained in time: it lives on")
@Outcome(id = "false, DIED_AND_LET_GO, false", expect = Expect.ACCEPTABLE, desc = "too late: it is dead")
@Outcome(
        id = "true, DIED.*",
        expect = Expect.FORBIDDEN,
        desc = "REVIVED: retained after it had died; its bytes may be gone")
@Outcome(id = "false, NONE, .*", expect = Expect.FORBIDDEN, desc = "LEAKED: nobody owns it and nobody saw it die")
@Outcome(expect = Expect.FORBIDDEN, desc = "the count is wrong")
@State
public class RetainAgainstRetire {
    private final References references = new References();

    @Actor
    public void retain(ZLZ_Result seen) {
        seen.r1 = references.tryAddOwner();
    }

    @Actor
    public void release(ZLZ_Result seen) {
        Change change = references.releaseOwner();
        seen.r2 = change;
    }

    @Arbiter
    public void after(ZLZ_Result seen) {
        seen.r3 = references.isLive();
    }
}
