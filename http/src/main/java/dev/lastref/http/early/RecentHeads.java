package dev.lastref.http.early;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.FieldList;
import org.jspecify.annotations.Nullable;

/**
 * What the heads begin with that answers from the store were given last: to give one again nobody goes over its fields. For one thread.
 *
 * <p>Of an entry that is answered once there is nothing here but a reference to its fields: a hit each of many entries makes no garbage.
 */
final class RecentHeads {
    /** A power of two. */
    private static final int SLOTS = 512;

    /** So that all of them take half a MiB at the most. */
    private static final int LONGEST = 1024;

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

        /**
         * How the answer begins.
         *
         * @return null if nobody has kept it
         */
        byte @Nullable [] beginning(FieldList stored, int answered) {
            return isOf(stored, answered) ? beginning : null;
        }

        /** The members of Cache-Status that were stored; null: none. Of the answer whose {@link #beginning} is here. */
        @Nullable
        String otherCaches() {
            return otherCaches;
        }

        /** An answer is being given, the head of which is this so far: kept if that was the last one to come to this place, too. */
        void given(FieldList stored, int answered, HeadWriter head, @Nullable String caches) {
            if (isOf(stored, answered)) {
                beginning = head.copy(LONGEST);
                otherCaches = caches;
            } else {
                fields = stored;
                status = answered;
                beginning = null;
            }
        }

        private boolean isOf(FieldList stored, int answered) {
            return status == answered && fields.equals(stored);
        }
    }
}
