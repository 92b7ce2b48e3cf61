package dev.lastref.http.cli;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.Configuration.Effective;
import dev.lastref.http.config.RunningSettings;
import java.util.Map;
import java.util.stream.Collectors;

/** SIGHUP has the settings read again and log files opened anew, as is usual among servers. */
final class HangUp {
    private static final System.Logger LOG = System.getLogger(HangUp.class.getName());

    private HangUp() {}

    /** From here on. Where the JVM leaves no signals to us (-Xrs), {@code POST /api/reload} does the same. */
    static void reloads(RunningSettings settings) {
        if (!Signals.handle("HUP", () -> reload(settings))) {
            LOG.log(System.Logger.Level.INFO, "this JVM leaves SIGHUP alone: it will not reload the settings");
        }
    }

    private static void reload(RunningSettings settings) {
        try {
            RunningSettings.Reload done = settings.reload();
            LOG.log(
                    System.Logger.Level.INFO,
                    "SIGHUP: {0}{1}",
                    done.changed().isEmpty() ? "no setting has changed" : told(done.changed()),
                    hidden(done.hidden()));
        } catch (ConfigException e) {
            LOG.log(System.Logger.Level.ERROR, "SIGHUP: nothing is changed: {0}", e.getMessage());
        } catch (RuntimeException e) { // on the JVM's thread for signals, which must not end
            LOG.log(System.Logger.Level.ERROR, "SIGHUP", e);
        }
    }

    /** What somebody has edited in vain. */
    private static String hidden(Map<String, String> sources) {
        return sources.entrySet().stream()
                .map(each -> "; what the file says of " + each.getKey() + " is hidden by " + each.getValue())
                .collect(Collectors.joining());
    }

    private static String told(Map<String, Effective> changes) {
        return changes.entrySet().stream()
                .map(change -> change.getKey() + " = " + change.getValue().value())
                .collect(Collectors.joining(", "));
    }
}
