package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZLI_Result;

/** A send begins while the last owner lets go. */
@JCStressTest
@Description("a send against the last release: what is sent is held, what is not is let go, by exactly one")
@Outcome(id = "true, DIED, 1", expect = Expect.ACCEPTABLE, desc = "began in time: dead, and held by the send")
@Outcome(id = "false, DIED_AND_LET_GO, 0", expect = Expect.ACCEPTABLE, desc = "too late: nobody holds it")
@Outcome(
        id = "true, DIED_AND_LET_GO, .*",
        expect = Expect.FORBIDDEN,
        desc = "FREED UNDER A SEND: its segment may be closed while it is read")
@Outcome(id = "false, DIED, .*", expect = Expect.FORBIDDEN, desc = "LEAKED: it waits for a send that never was")
@Outcome(expect = Expect.FORBIDDEN, desc = "the count is wrong")
@State
public class SendAgainstRetire {
    private final References references = new References();

    @Actor
    public void send(ZLI_Result seen) {
        seen.r1 = references.tryAddSend();
    }

    @Actor
    public void release(ZLI_Result seen) {
        seen.r2 = references.releaseOwner();
    }

    @Arbiter
    public void after(ZLI_Result seen) {
        seen.r3 = references.sends();
    }
}
