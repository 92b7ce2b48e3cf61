package dev.lastref.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** The last owner of the only extent in a segment lets go, and the reclaimer moves it on, while a send begins and ends. */
@JCStressTest
@Description(
        "retire against a send and the last release: a segment drains when nothing of it is held, not before, and not never")
@Outcome(id = "false, false, true", expect = Expect.ACCEPTABLE, desc = "the send came too late; it drains")
@Outcome(id = "true, false, true", expect = Expect.ACCEPTABLE, desc = "it drains once the send has ended")
@Outcome(
        id = "true, true, .*",
        expect = Expect.FORBIDDEN,
        desc = "DRAINING UNDER A SEND: sealed and closed while pages of it are given to the kernel")
@Outcome(id = ".*, false", expect = Expect.FORBIDDEN, desc = "LOST: nobody would ever ask the kernel about it")
@Outcome(expect = Expect.FORBIDDEN, desc = "the account is wrong")
@State
public class RetireAgainstSend {
    private final SegmentAccount account = RacePool.accountWithoutFiles();
    private final Placement placement = RacePool.begun().openPlacement();
    private final Slice slice;

    public RetireAgainstSend() {
        account.cutWhole(placement, PoolConfig.PAGE);
        slice = placement.slices()[0];
    }

    @Actor
    public void send(ZZZ_Result seen) {
        seen.r1 = placement.tryAddSend(); // as a transmission does
        if (seen.r1) {
            seen.r2 = slice.segment().state() == SegmentState.DRAINING;
            sendEnded();
        }
    }

    @Actor
    public void releaseAndRetire() { // two threads', one after the other: a machine of two CPUs runs no race of three
        if (placement.ownerBecomesSend()) { // as an extent that dies does, and the pool for each slice
            slice.died();
        }
        sendEnded();
        account.retire();
    }

    @Arbiter
    public void after(ZZZ_Result seen) {
        account.retire();
        seen.r3 = slice.segment().state() == SegmentState.DRAINING
                && !slice.segment().isHeld();
    }

    private void sendEnded() {
        if (placement.releaseSend() == References.Change.LET_GO) {
            slice.letGo();
        }
    }
}
