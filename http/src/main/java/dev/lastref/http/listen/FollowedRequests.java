package dev.lastref.http.listen;

import dev.lastref.http.message.RequestScanner;
import java.nio.ByteBuffer;

/**
 * The requests of one connection that the server sees: where each ends, how the one begins that is not complete, and for how long it may
 * be so. A connection whose requests are all answered early has none of this in memory. For its I/O thread.
 */
final class FollowedRequests {
    private final RequestScanner scanner;
    private final HeadTimeout headTimeout;
    private final HeadStart headStart = new HeadStart();

    /** @param whenLate is run if a head is not complete in time */
    FollowedRequests(ClientConnection client, Runnable whenLate) {
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
        int end = scanner.scan(buffer, from, to);
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

    /** How the head begins that is not complete, or wrong. */
    HeadStart headStart() {
        return headStart;
    }

    /** The connection is closed. */
    void stopTimer() {
        headTimeout.cancel();
    }
}
