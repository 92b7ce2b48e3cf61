package dev.lastref.http.early;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.FieldList;
import org.jspecify.annotations.Nullable;

/**
 * What the heads of answers from the store begin with, of some that were given again and again: nobody goes over their fields any more. For
 * one thread.
 *
 * <p>Each has one place where it may be, and takes it when it has to be written there twice in a row: a hit each of many entries makes no
 * garbage here, and drives nothing out.
 */
final class RecentHeads {
    /** A power of two. */
    private static final int SLOTS = 256;

    /** Bytes of a beginning, and of the heap that its fields may take: so much may outlive its entry. */
    private static final int LONGEST = 2 * 1024;

    private static final int LARGEST = 4 * 1024;

    private final Slot[] slots = new Slot[SLOTS];

    RecentHeads() {
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Slot();
        }
    }

    /** Where that of an answer is, if it is there. */
    Slot of(StoredResponse stored, int status) {
        int hash = stored.key().hashCode() + status;
        return slots[(hash ^ hash >>> 16) & (SLOTS - 1)];
    }

    /** Has one at a time. */
    static final class Slot {
        private FieldList fields = FieldList.EMPTY;
        private int status;
        private byte @Nullable [] beginning;
        private @Nullable String otherCaches;
        /** Of what was written last: fields and status. */
        private int written;

        /**
         * How the answer begins.
         *
         * @return null if it is not here
         */
        byte @Nullable [] beginning(FieldList stored, int answered) {
            return status == answered && fields.equals(stored) ? beginning : null;
        }

        /** The members of Cache-Status that were stored; null: none. Of the answer whose {@link #beginning} is here. */
        @Nullable
        String otherCaches() {
            return otherCaches;
        }

        /** An answer that is not here had to be written, and its head is this so far. */
        void wrote(FieldList stored, int answered, HeadWriter head, @Nullable String caches) {
            int what = 31 * stored.hashCode() + answered;
            if (written != what) {
                written = what;
                return;
            }
            byte[] copy = stored.heapBytesWithTexts() > LARGEST ? null : head.copy(LONGEST);
            if (copy != null) {
                fields = stored;
                status = answered;
                beginning = copy;
                otherCaches = caches;
            }
        }
    }
}
