package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Two threads release what only one of them owns. */
@JCStressTest
@Description("one release too many: it throws, whichever comes second")
@Outcome(
        id = {"DIED_AND_LET_GO, THROWN", "THROWN, DIED_AND_LET_GO"},
        expect = Expect.ACCEPTABLE,
        desc = "the second one throws")
@Outcome(id = "DIED_AND_LET_GO, DIED_AND_LET_GO", expect = Expect.FORBIDDEN, desc = "LET GO TWICE")
@Outcome(id = "THROWN, THROWN", expect = Expect.FORBIDDEN, desc = "LEAKED: neither release counted")
@Outcome(expect = Expect.FORBIDDEN, desc = "the count is wrong")
@State
public class ReleaseTwice {
    private final References references = new References();

    @Actor
    public void one(LL_Result seen) {
        seen.r1 = release();
    }

    @Actor
    public void other(LL_Result seen) {
        seen.r2 = release();
    }

    private Object release() {
        try {
            return references.releaseOwner();
        } catch (IllegalStateException tooMany) {
            return "THROWN";
        }
    }
}
