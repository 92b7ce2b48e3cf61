package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** A hit begins while the extent is moved out of a sparse segment. */
@JCStressTest
@Description(
        "moving an extent against a transmission that begins: it is found, and is right, in the old place or the new")
@Outcome(id = "(true|false), 2, 1", expect = Expect.ACCEPTABLE, desc = "all of it, from wherever it lay")
@Outcome(
        id = ".*, -1, .*",
        expect = Expect.FORBIDDEN,
        desc = "TORN: read from a place that was not filled yet, or is gone")
@Outcome(id = ".*, -2, .*", expect = Expect.FORBIDDEN, desc = "LOST: a living extent could not be read")
@Outcome(id = ".*, 2, 0", expect = Expect.FORBIDDEN, desc = "LEAKED: one of its places is held for ever")
@Outcome(expect = Expect.FORBIDDEN, desc = "let go more than once, or cut short")
@State
public class EvacuateAgainstRead {
    private final Extent extent = RacePool.written();

    @Actor
    public void move(ZII_Result seen) {
        seen.r1 = RacePool.move(extent);
    }

    @Actor
    public void read(ZII_Result seen) {
        try (Transmission transmission = extent.transmit()) {
            seen.r2 = transmission == null ? -2 : RacePool.halvesRead(transmission);
        }
    }

    @Arbiter
    public void after(ZII_Result seen) {
        extent.release();
        seen.r3 = RacePool.timesLetGo(extent);
    }
}
