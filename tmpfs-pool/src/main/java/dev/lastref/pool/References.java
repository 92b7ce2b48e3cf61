package dev.lastref.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The one reference count of the pool: who keeps something alive (owners) and who is sending it (sends), in one word that is
 * changed by compare-and-set only.
 *
 * <pre>
 *   63            32 31             0
 *  +----------------+----------------+
 *  |     owners     |     sends      |
 *  +----------------+----------------+
 * </pre>
 *
 * It is <em>live</em> while it has an owner and <em>held</em> while it has an owner or a send. Nothing is ever revived: once
 * the last owner has let go, no owner can be added, and no send but beside one that runs. One word, so that
 * "the last owner left" and "nobody is left" are each seen by exactly one caller.
 *
 * <p>Slices and placements extend it, of which there are as many as there are entries: an object of its own for each would cost 24
 * bytes more.
 */
class References {
    /** What a release brought about. */
    enum Change {
        /** Others still own it, or it was dead already and others still send it. */
        NONE,
        /** The last owner has gone; sends still run. */
        DIED,
        /** The last send of a dead extent has ended. */
        LET_GO,
        /** The last owner has gone and nobody was sending. */
        DIED_AND_LET_GO
    }

    private static final long OWNER = 1L << 32;
    private static final long SEND = 1;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(References.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through WORD
    private volatile long word = OWNER;

    boolean isOwned() {
        return owners(word) > 0;
    }

    /** Whether anybody owns or sends it: if not, nobody ever will again. */
    boolean isHeld() {
        return word != 0;
    }

    int sends() {
        return (int) word;
    }

    boolean tryAddOwner() {
        return tryAdd(OWNER);
    }

    boolean tryAddSend() {
        return tryAdd(SEND);
    }

    /** Adds a send beside one that the caller has, which keeps it from being let go of: it may be dead. */
    void addSendBeside() {
        while (true) {
            long seen = word;
            if ((int) seen == 0) {
                throw new IllegalStateException("a send beside none");
            }
            if (WORD.compareAndSet(this, seen, seen + SEND)) {
                return;
            }
        }
    }

    private boolean tryAdd(long unit) {
        while (true) {
            long seen = word;
            if (owners(seen) == 0) {
                return false;
            }
            if (WORD.compareAndSet(this, seen, seen + unit)) {
                return true;
            }
        }
    }

    Change releaseOwner() {
        while (true) {
            long seen = word;
            if (owners(seen) == 0) {
                throw new IllegalStateException("released by an owner more often than retained");
            }
            long left = seen - OWNER;
            if (WORD.compareAndSet(this, seen, left)) {
                if (owners(left) > 0) {
                    return Change.NONE;
                }
                return left == 0 ? Change.DIED_AND_LET_GO : Change.DIED;
            }
        }
    }

    /**
     * An owner goes, and leaves a send behind that {@link #releaseSend} ends: nobody is the last while what follows from its going is
     * being done. Returns whether it was the last owner.
     */
    boolean ownerBecomesSend() {
        boolean added = tryAddSend(); // as there is an owner; where there is none, this throws
        return releaseOwner() != Change.NONE && added;
    }

    Change releaseSend() {
        while (true) {
            long seen = word;
            if ((int) seen == 0) {
                throw new IllegalStateException("more sends ended than were begun");
            }
            long left = seen - SEND;
            if (WORD.compareAndSet(this, seen, left)) {
                return left == 0 ? Change.LET_GO : Change.NONE;
            }
        }
    }

    private static int owners(long word) {
        return (int) (word >>> 32);
    }

    @Override
    public String toString() {
        long seen = word;
        return owners(seen) + " owners, " + (int) seen + " sends";
    }
}
