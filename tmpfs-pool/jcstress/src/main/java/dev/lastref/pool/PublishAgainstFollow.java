package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A client follows a response while the origin's bytes are appended. */
@JCStressTest
@Description("append against a transmission that follows: what is published can be read, and is right")
@Outcome(id = "[012], 2", expect = Expect.ACCEPTABLE, desc = "a published prefix, and all of it in the end")
@Outcome(id = "-1, .*", expect = Expect.FORBIDDEN, desc = "TORN: bytes were published before they were there")
@Outcome(expect = Expect.FORBIDDEN, desc = "not all that was appended can be read")
@State
public class PublishAgainstFollow {
    private final ExtentWriter writer = RacePool.writer();
    private final Transmission follower = writer.extent().transmit();

    @Actor
    public void append() {
        RacePool.appendHalf(writer);
        RacePool.appendHalf(writer);
    }

    @Actor
    public void follow(II_Result seen) {
        seen.r1 = RacePool.halvesRead(follower);
    }

    @Arbiter
    public void after(II_Result seen) {
        int rest = RacePool.halvesRead(follower);
        seen.r2 = seen.r1 < 0 || rest < 0 ? -1 : seen.r1 + rest;
        follower.close();
        Extent extent = writer.commit();
        extent.release();
        RacePool.timesLetGo(extent);
    }
}
