package dev.lastref.pool;

/** What can be known without the kernel's proof about whether somebody still holds pages of a segment. */
@FunctionalInterface
interface HoldingHint {
    /** What is known. */
    enum Word {
        /** Nothing: a bound in time decides. */
        UNKNOWN,
        /** Somebody holds some. */
        HELD,
        /** All that were sent have been taken, by all that can be seen. */
        DRAINED
    }

    /** Nothing is known of any. */
    HoldingHint NONE = segment -> Word.UNKNOWN;

    /** What is known now of a segment from which nothing is being sent. */
    Word of(Segment segment);

    /** Nobody will ask about it again. */
    default void forget(Segment segment) {}
}
