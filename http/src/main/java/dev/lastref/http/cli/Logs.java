package dev.lastref.http.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sets up the JDK's logging, which everything here logs to, unless the user has done so. */
public final class Logs {
    private Logs() {}

    /** To be called before anything logs. */
    public static void configure() {
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
        }
        LogManager manager = LogManager.getLogManager();
        boolean byUser = System.getProperty("java.util.logging.config.file") != null
                || System.getProperty("java.util.logging.config.class") != null;
        if (!byUser) {
            try (InputStream ours = Logs.class.getResourceAsStream("logging.properties")) {
                manager.readConfiguration(ours);
            } catch (IOException e) {
                // The JDK's own set-up stays, which is wordy but works.
                System.getLogger(Logs.class.getName()).log(System.Logger.Level.WARNING, "cannot configure logging", e);
            }
        }
        warmUp();
        if (manager instanceof LastingLogManager ours) {
            ours.last();
        }
    }

    /** The JDK opens files for its first message, which may be that no more files can be opened. */
    private static void warmUp() {
        LogRecord nothing = new LogRecord(Level.INFO, "");
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            Formatter formatter = handler.getFormatter();
            if (formatter != null) {
                formatter.format(nothing);
            }
        }
    }
}
