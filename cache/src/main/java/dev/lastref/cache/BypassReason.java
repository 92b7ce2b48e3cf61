package dev.lastref.cache;

import java.util.Locale;

/** Why a response that could be stored is streamed past the pool. */
public enum BypassReason {
    /** The pool has no room for it now. */
    FULL,
    /** The heap has no room for its head now. */
    HEAP,
    /** It is larger than {@code lastref.cache.max-object}. */
    TOO_LARGE,
    /** Writing to the pool failed. */
    FAILED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics. */
    public String label() {
        return label;
    }
}
