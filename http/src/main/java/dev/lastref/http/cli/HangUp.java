package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.RunningSettings;
import dev.lastref.http.log.ChangeLog;

/** SIGHUP has the settings read again and log files opened anew, as is usual among servers. */
final class HangUp {
    private static final System.Logger LOG = System.getLogger(ChangeLog.NAME);

    private HangUp() {}

    /** From here on. Where the JVM leaves no signals to us (-Xrs), {@code POST /api/reload} does the same. */
    static void reloads(RunningSettings settings) {
        if (!Signals.handle("HUP", () -> reload(settings))) {
            LOG.log(System.Logger.Level.INFO, "this JVM leaves SIGHUP alone: it will not reload the settings");
        }
    }

    private static void reload(RunningSettings settings) {
        try {
            LOG.log(System.Logger.Level.INFO, "SIGHUP: {0}", settings.reload().told());
        } catch (ConfigException e) {
            LOG.log(System.Logger.Level.ERROR, "SIGHUP: nothing is changed: {0}", e.inOneSentence());
        } catch (RuntimeException e) { // on the JVM's thread for signals, which must not end
            LOG.log(System.Logger.Level.ERROR, "SIGHUP", e);
        }
    }
}
