package dev.lastref.http.config;

import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.linux.FileLimit;

/**
 * How many descriptors this process may come to use by its settings, part by part, against how many it may have. Where they end, clients
 * wait, requests that need the origin get 503, and the pool makes no segment: nothing breaks, so a limit that is too small is told, and
 * not refused.
 *
 * @param limit so many it may have; {@link Long#MAX_VALUE}: no limit is known
 * @param clients one for each connection of a client
 * @param origins one for each connection to an origin
 * @param segments two for each segment of the pool
 */
public record DescriptorBudget(long limit, long clients, long origins, long segments) {
    /**
     * Listeners, selectors, the jar, log files, and what is held back for administration, which is 16. An idle sidecar was seen with 35 on two
     * processors; the rest is for more of those, each with an I/O thread that has three, and for checks of origins.
     */
    static final long OWN = 128;

    /** With RLIMIT_NOFILE as it is now. */
    public static DescriptorBudget ofThisProcess(SidecarConfig config) {
        return of(config, FileLimit.descriptors());
    }

    /**
     * With another limit.
     *
     * @param limit of descriptors; {@link Long#MAX_VALUE}: none
     */
    public static DescriptorBudget of(SidecarConfig config, long limit) {
        PoolConfig pool = config.pool(FileLimit.ofDescriptors(limit));
        return new DescriptorBudget(
                limit,
                config.limits().connections(),
                (long) config.origins().bases().size() * config.origins().connections(),
                pool.capacity() / pool.segmentSize() * FileLimit.DESCRIPTORS_A_FILE);
    }

    /** What may come to be used. */
    public long needed() {
        return clients + origins + segments + OWN;
    }

    public boolean isEnough() {
        return limit >= needed();
    }

    /** The sum, for people. */
    public String sum() {
        return needed() + " = " + clients + " for clients (" + Setting.LIMITS_CONNECTIONS.key() + ") + " + origins
                + " for origins (" + Setting.ORIGIN_CONNECTIONS.key() + " for each) + " + segments
                + " for segments of the pool + " + OWN + " of its own";
    }

    /** Where it is not enough, what happens, and what helps. */
    public String remedy() {
        long mostClients = limit - (needed() - clients);
        return "where they end clients wait, what needs the origin gets 503, and the pool makes no segment: raise the limit (ulimit -n,"
                + " LimitNOFILE= of a systemd unit)"
                + (mostClients >= 1
                        ? ", or set " + Setting.LIMITS_CONNECTIONS.key() + " to at most " + mostClients
                        : "");
    }
}
