package dev.lastref.http.cli;

import dev.lastref.http.config.SidecarConfig;
import dev.lastref.pool.linux.KernelProbe;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Tries what the pool relies on before a sidecar starts, as {@code lastref doctor} does, and says what it will do without. */
final class StartUpProbe {
    private static final System.Logger LOG = System.getLogger(StartUpProbe.class.getName());

    private StartUpProbe() {}

    /**
     * Takes about a quarter of a second.
     *
     * @throws IOException if the pool cannot work here; the message says what was tried and what the kernel did
     */
    static KernelProbe.Report run(SidecarConfig config) throws IOException {
        return judge(KernelProbe.run(config.poolDirectory()));
    }

    /**
     * The same without making anything in the pool's directory.
     *
     * @return what {@link #run} would log; null: nothing
     */
    static @Nullable String look(SidecarConfig config) throws IOException {
        KernelProbe.Report found = KernelProbe.look(config.poolDirectory());
        requireNothingFatal(found);
        return without(found);
    }

    static KernelProbe.Report judge(KernelProbe.Report found) throws IOException {
        requireNothingFatal(found);
        String without = without(found);
        if (without != null) {
            LOG.log(System.Logger.Level.WARNING, without);
        }
        return found;
    }

    private static void requireNothingFatal(KernelProbe.Report found) throws IOException {
        for (KernelProbe.Finding finding : found.findings()) {
            if (finding.verdict() == KernelProbe.Verdict.FATAL) {
                throw new IOException("cannot work here: " + finding.tried() + ": " + finding.seen() + "; "
                        + finding.follows() + "; see lastref doctor");
            }
        }
    }

    private static @Nullable String without(KernelProbe.Report found) {
        return found.switchedOff().isEmpty() ? null : "switched off here: " + found.switchedOff();
    }
}
