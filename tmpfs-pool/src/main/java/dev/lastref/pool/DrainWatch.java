package dev.lastref.pool;

/**
 * The ledger's word on one segment: whether those that it knows of still hold what was sent from the segment before the watch began. Set
 * by the ledger's thread, read by the reclaimer's. A hint: who was never named, a proxy's pipe, a receiver in another network namespace
 * and a packet that the kernel frees late are not in it.
 */
final class DrainWatch {
    /** What the ledger says. */
    enum Word {
        /** It has not looked yet, or cannot tell. */
        UNKNOWN,
        /** Somebody whom it knows still holds pages. */
        HELD,
        /** All of whom it knows have drained. */
        DRAINED
    }

    private final Segment segment;
    /** Samples of this epoch and later ones came after all that is asked about. */
    private final int since;

    private volatile Word word = Word.UNKNOWN;
    private volatile boolean over;

    DrainWatch(Segment segment, int since) {
        this.segment = segment;
        this.since = since;
    }

    Segment segment() {
        return segment;
    }

    Word word() {
        return word;
    }

    /** Whether what was sent before the watch began has drained, by all that is known. */
    boolean hasDrained() {
        return word == Word.DRAINED;
    }

    /** Nobody asks any more. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    void say(Word newWord) {
        word = newWord;
    }

    /** Whether pages went to somebody whom the ledger does not know: then it never says anything more. */
    boolean isUndecidable() {
        if (!segment.wasSentToUnnamed()) {
            return false;
        }
        word = Word.UNKNOWN;
        return true;
    }

    /** Whether the peer may hold what is asked about. */
    boolean concerns(Peer peer) {
        int drained = peer.drainedBefore();
        return drained - since < 0 && peer.notes().mayInclude(segment.id(), drained);
    }
}
