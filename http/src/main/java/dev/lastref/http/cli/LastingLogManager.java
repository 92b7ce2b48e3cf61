package dev.lastref.http.cli;

import java.util.logging.LogManager;

/**
 * The JDK's own closes every handler as soon as the process is asked to end, beside our shutdown and before it has said what it cut
 * off. This one keeps them.
 */
public final class LastingLogManager extends LogManager {
    private volatile boolean lasting;

    /** Made by the JDK, which finds it by {@code java.util.logging.manager}. */
    public LastingLogManager() {}

    /** From here on nothing is closed. */
    void last() {
        lasting = true;
    }

    @Override
    public void reset() {
        if (!lasting) {
            super.reset();
        }
    }
}
