package dev.lastref.http.listen;

import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.RequestScanner;
import java.nio.ByteBuffer;

/**
 * The requests of one connection that the server sees: where each ends, how the one begins that is not complete, and for how long it may
 * be so. A connection whose requests are all answered early has none of this in memory. For its I/O thread.
 */
final class FollowedRequests {
    /** A byte of a head may be there twice: as it is put together, and in what it becomes. */
    private static final int HELD_FOR_A_BYTE = 2;
    /** Of what is not taken, for the log. */
    private static final int SHOWN_BYTES = 1024;

    private final HeapShare.Part memory;
    private final RequestScanner scanner;
    private final HeadTimeout headTimeout;
    private final HeadStart headStart = new HeadStart();
    /** Of the memory: for the requests that run, or have begun. */
    private long held;

    /** @param whenLate is run if a head is not complete in time */
    FollowedRequests(ClientConnection client, Runnable whenLate) {
        memory = client.memory();
        client.heap().add(ConnectionBytes.OF_SERVER);
        scanner = new RequestScanner(client.limits().head());
        headTimeout = new HeadTimeout(client, scanner, client.limits().headTimeout(), whenLate);
    }

    RequestScanner scanner() {
        return scanner;
    }

    /**
     * Goes over what has come.
     *
     * @return up to where the server gets it
     */
    int goOver(ByteBuffer buffer, int from, int to) {
        // One that has begun too: with its end a whole buffer may come of others behind it, which is kept until it is
        // answered.
        if (memory.isExhausted() && (scanner.isAtRequest() || scanner.isWithinHead())) {
            refuse(buffer, from, to);
            return from;
        }
        int end = scanner.scan(buffer, from, to);
        if (!hold()) {
            scanner.refuseHead(FramingFault.NO_ROOM);
        }
        headTimeout.look();
        if (!scanner.isWithinHead() && !scanner.isFaultInHead()) {
            headStart.clear();
            return end;
        }
        headStart.add(buffer, from, end, scanner.headBytes());
        if (!scanner.isFaultInHead()) {
            return end;
        }
        headStart.wrong(buffer, from, end, to, scanner.headBytes());
        // Of it the server might refuse what came before, and say nothing to anybody
        return Math.max(from, end - scanner.headBytes());
    }

    private void refuse(ByteBuffer buffer, int from, int to) {
        if (scanner.isAtRequest()) {
            int shown = Math.min(to, from + SHOWN_BYTES);
            headStart.add(buffer, from, shown, shown - from);
        }
        scanner.refuseHead(FramingFault.NO_ROOM);
    }

    /** Takes memory for what has come of a head; returns whether there was room for it. A head that is complete is not refused any more. */
    private boolean hold() {
        long more = (long) HELD_FOR_A_BYTE * scanner.headBytes() - held;
        if (more > 0) {
            if (!scanner.isWithinHead()) {
                memory.add(more);
            } else if (!memory.take(more)) {
                return false;
            }
            held += more;
        }
        return true;
    }

    /** A request has its answer, and nothing of it is held any more. */
    void requestEnds() {
        long kept = scanner.isWithinHead() ? (long) HELD_FOR_A_BYTE * scanner.headBytes() : 0;
        if (held > kept) {
            memory.give(held - kept);
            held = kept;
        }
    }

    /** How the head begins that is not complete, or wrong. */
    HeadStart headStart() {
        return headStart;
    }

    /** The connection is closed. */
    void stopTimer() {
        headTimeout.cancel();
    }
}
