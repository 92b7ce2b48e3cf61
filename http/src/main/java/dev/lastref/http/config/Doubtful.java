package dev.lastref.http.config;

import java.util.ArrayList;
import java.util.List;

/** Settings that can be used, and are hardly meant so. */
public final class Doubtful {
    private Doubtful() {}

    /** What to tell whoever starts this process with them, each a line; none, if nothing strikes. */
    public static List<String> of(Configuration configuration) {
        return of(configuration, DescriptorBudget.ofThisProcess(configuration.config()));
    }

    /**
     * The same where a process has other limits.
     *
     * @param descriptors what the process may have of them
     */
    static List<String> of(Configuration configuration, DescriptorBudget descriptors) {
        SidecarConfig config = configuration.config();
        List<String> lines = new ArrayList<>();
        if (config.adminTokenFile() == null && !config.admin().getAddress().isLoopbackAddress()) {
            lines.add(
                    named(configuration, Setting.ADMIN)
                            + " is not on loopback, and lastref.admin.token-file is not set: whoever reaches it can purge, and change settings");
        }
        if (config.poolDirectory() == null
                && !configuration.of(Setting.POOL_DIRECTORY).source().equals(ConfigSources.DEFAULT)) {
            lines.add(named(configuration, Setting.POOL_DIRECTORY)
                    + " is not used: lastref.pool.backing is memfd; with directory it would be");
        }
        if (!descriptors.isEnough()) {
            lines.add("the limit of open files (RLIMIT_NOFILE) is " + descriptors.limit()
                    + ", and the settings may need " + descriptors.sum() + "; " + descriptors.remedy());
        }
        return lines;
    }

    private static String named(Configuration configuration, Setting setting) {
        Configuration.Effective effective = configuration.of(setting);
        return setting.key() + " = \"" + effective.value() + "\" (" + effective.source() + ")";
    }
}
