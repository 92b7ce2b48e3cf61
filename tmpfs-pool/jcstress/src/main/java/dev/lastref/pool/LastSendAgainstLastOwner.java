package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** The last send ends while the last owner lets go. */
@JCStressTest
@Description("the end of the last send against the last release: it is let go exactly once")
@Outcome(id = "LET_GO, DIED", expect = Expect.ACCEPTABLE, desc = "the owner first")
@Outcome(id = "NONE, DIED_AND_LET_GO", expect = Expect.ACCEPTABLE, desc = "the send first")
@Outcome(id = "LET_GO, DIED_AND_LET_GO", expect = Expect.FORBIDDEN, desc = "LET GO TWICE: the account counts it twice")
@Outcome(id = "NONE, DIED", expect = Expect.FORBIDDEN, desc = "LEAKED: neither let go")
@Outcome(expect = Expect.FORBIDDEN, desc = "the count is wrong")
@State
public class LastSendAgainstLastOwner {
    private final References references = new References();

    public LastSendAgainstLastOwner() {
        references.tryAddSend();
    }

    @Actor
    public void endSend(LL_Result seen) {
        seen.r1 = references.releaseSend();
    }

    @Actor
    public void release(LL_Result seen) {
        seen.r2 = references.releaseOwner();
    }
}
