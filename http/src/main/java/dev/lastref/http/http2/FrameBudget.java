package dev.lastref.http.http2;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many frames a client may send that cost us something and bring it nothing: resets of streams that were just opened
 * (CVE-2023-44487), streams that it makes us reset (CVE-2025-8671), pings, settings, empty frames (CVE-2019-9512 to 9518). A bucket of
 * credit: such frames take from it; time, answered requests and sent content put something back. Whoever has emptied it is an
 * attacker, or as good as one.
 */
final class FrameBudget {
    /** What a frame costs. */
    enum Cost {
        /** A stream that the client breaks off: 200 at a time are somebody who leaves a page. */
        RESET(5),
        /** Something wrong that ends one stream. */
        FAULT(20),
        /** A stream beyond those that may run. */
        REFUSED(5),
        SETTINGS(10),
        PING(2),
        WINDOW(1),
        PRIORITY(1),
        /** Content without a byte, or a part of a head without. */
        EMPTY(5),
        /** For a stream that is over. */
        LATE(2),
        UNKNOWN(1);

        private final int credit;

        Cost(int credit) {
            this.credit = credit;
        }
    }

    private static final int MOST = 1000;
    private static final int A_SECOND = 20;
    private static final long NANOS_A_CREDIT = TimeUnit.SECONDS.toNanos(1) / A_SECOND;
    /** For a request that was answered to its end. */
    private static final int ANSWERED = 10;
    /** For a DATA frame sent: clients open the windows of stream and connection again for each, if they are eager. */
    private static final int SENT = 4;

    private static final int SENT_LITTLE = 2;
    private static final int MUCH_BYTES = 4096;
    /** Less at a time is what a client gets who opens its windows by next to nothing (CVE-2019-9511). */
    private static final int LITTLE_BYTES = 256;

    private final LongSupplier nanoTime;
    private long credit = MOST;
    private long countedNanos;

    FrameBudget(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        countedNanos = nanoTime.getAsLong();
    }

    /** Takes what a frame costs. */
    void spend(Cost cost) throws ConnectionFault {
        spend(cost, 1);
    }

    /** Takes what several cost. */
    void spend(Cost cost, int times) throws ConnectionFault {
        credit -= (long) cost.credit * times;
        if (credit < 0) {
            count();
        }
        if (credit < 0) {
            throw new ConnectionFault(
                    ErrorCode.ENHANCE_YOUR_CALM, "too many frames that ask for nothing, the last one: " + cost);
        }
    }

    /** Time is only looked at when it matters. */
    private void count() {
        long now = nanoTime.getAsLong();
        long earned = (now - countedNanos) / NANOS_A_CREDIT;
        countedNanos += earned * NANOS_A_CREDIT;
        credit = Math.min(MOST, credit + earned);
    }

    void answered() {
        credit = Math.min(MOST, credit + ANSWERED);
    }

    void sent(int bytes) {
        int earned = bytes >= MUCH_BYTES ? SENT : bytes >= LITTLE_BYTES ? SENT_LITTLE : 0;
        credit = Math.min(MOST, credit + earned);
    }
}
