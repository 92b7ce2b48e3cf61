package dev.lastref.http.http2;

import java.util.Arrays;

/** The streams of a connection that ended last before their clients had said all, so that something may be on its way for them. */
final class EndedEarly {
    private static final int MOST = 1024;
    private static final int FIRST = 16;

    private int[] ids = {};
    /** Of all that were added; where the next one goes, too. */
    private long added;

    void add(int id) {
        if (added == ids.length && added < MOST) {
            ids = Arrays.copyOf(ids, Math.max(FIRST, 2 * ids.length));
        }
        ids[(int) (added++ % MOST)] = id;
    }

    boolean has(int id) {
        for (int i = 0; i < Math.min(added, MOST); i++) {
            if (ids[i] == id) {
                return true;
            }
        }
        return false;
    }
}
