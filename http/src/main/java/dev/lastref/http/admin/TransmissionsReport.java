package dev.lastref.http.admin;

import dev.lastref.http.message.AddressText;
import dev.lastref.http.message.WireText;
import dev.lastref.pool.Holder;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who holds what, for how long, as {@code GET /api/transmissions} shows it; who has stood still longest comes first.
 *
 * @param pinnedBytes those of all of them
 * @param connections how many there are; more than are listed where fewer were asked for
 */
record TransmissionsReport(long pinnedBytes, int connections, List<Transmission> transmissions) {
    /**
     * One connection.
     *
     * @param path what it asked for last: path and query, as {@code GET /api/entries} shows them and {@code POST /api/purge} reads them
     * @param state sending, sent, unread or orphaned, as of {@link Holder.State}
     * @param segments from which it was sent pages that it may still hold
     * @param bytes in its queues
     */
    record Transmission(
            String peer,
            String local,
            @Nullable String path,
            String state,
            List<Integer> segments,
            long bytes,
            double heldSeconds,
            double secondsWithoutProgress) {}

    static TransmissionsReport of(List<Holder> holders, int limit) {
        return new TransmissionsReport(
                holders.stream().mapToLong(Holder::bytes).sum(),
                holders.size(),
                holders.stream()
                        .limit(limit)
                        .map(holder -> new Transmission(
                                AddressText.of(holder.remote()),
                                AddressText.of(holder.local()),
                                holder.sending() == null ? null : WireText.shown(holder.sending()),
                                holder.state().name().toLowerCase(Locale.ROOT),
                                holder.segments(),
                                holder.bytes(),
                                holder.held().toMillis() / 1000.0,
                                holder.withoutProgress().toMillis() / 1000.0))
                        .toList());
    }
}
