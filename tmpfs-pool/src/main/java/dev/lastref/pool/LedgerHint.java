package dev.lastref.pool;

import java.util.HashMap;
import java.util.Map;

/**
 * The ledger's word where it is all there is. That somebody holds pages is believed. That nobody does shortens the bound in time and does
 * not replace it: a receiver in another network namespace of this machine acknowledges before it reads, and what a proxy has spliced
 * into a pipe has been read.
 *
 * <p>The reclaimer's thread only.
 */
final class LedgerHint implements HoldingHint {
    private final TransmitLedger ledger;
    private final Map<Segment, DrainWatch> watches = new HashMap<>();

    LedgerHint(TransmitLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public Word of(Segment segment) {
        return switch (watches.computeIfAbsent(segment, ledger::watch).word()) {
            case UNKNOWN -> Word.UNKNOWN;
            case HELD -> Word.HELD;
            case DRAINED -> Word.DRAINED;
        };
    }

    @Override
    public void forget(Segment segment) {
        DrainWatch watch = watches.remove(segment);
        if (watch != null) {
            watch.end();
        }
    }
}
