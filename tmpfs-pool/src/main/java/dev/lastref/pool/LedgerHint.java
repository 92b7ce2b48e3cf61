package dev.lastref.pool;

import java.util.HashMap;
import java.util.Map;

/**
 * The ledger's word where it is all there is: it is believed when it says that somebody still holds pages, and not when it says that
 * nobody does. A receiver in another network namespace of this machine acknowledges before it reads, and the account must not lose the
 * pages in its queue; so there the bound in time decides.
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
        DrainWatch.Word word = watches.computeIfAbsent(segment, ledger::watch).word();
        return word == DrainWatch.Word.HELD ? Word.HELD : Word.UNKNOWN;
    }

    @Override
    public void forget(Segment segment) {
        DrainWatch watch = watches.remove(segment);
        if (watch != null) {
            watch.end();
        }
    }
}
