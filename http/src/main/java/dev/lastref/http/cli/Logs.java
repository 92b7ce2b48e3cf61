package dev.lastref.http.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.logging.LogManager;

/** Sets up the JDK's logging, which everything here logs to, unless the user has done so. */
public final class Logs {
    private Logs() {}

    /** To be called before anything logs. */
    public static void configure() {
        boolean byUser = System.getProperty("java.util.logging.config.file") != null
                || System.getProperty("java.util.logging.config.class") != null;
        if (byUser) {
            return;
        }
        try (InputStream ours = Logs.class.getResourceAsStream("logging.properties")) {
            LogManager.getLogManager().readConfiguration(ours);
        } catch (IOException e) {
            // The JDK's own set-up stays, which is wordy but works.
            System.getLogger(Logs.class.getName()).log(System.Logger.Level.WARNING, "cannot configure logging", e);
        }
    }
}
