package dev.lastref.http.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Logs for the first time when no file can be opened any more, and for the last time while the JVM ends. */
final class LogsProgram {
    private LogsProgram() {}

    public static void main(String[] args) throws IOException {
        Logs.configure();
        System.Logger log = System.getLogger(LogsProgram.class.getName());
        Thread atTheEnd = new Thread(() -> {
            // The JDK's own hook runs beside this one.
            for (int i = 0; i < 20; i++) {
                Thread.yield();
                log.log(System.Logger.Level.WARNING, "at the end {0}", i);
            }
        });
        Runtime.getRuntime().addShutdownHook(atTheEnd);
        List<FileInputStream> open = new ArrayList<>();
        try {
            while (true) {
                open.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noMore) {
            log.log(System.Logger.Level.WARNING, "no more files");
        }
        System.exit(open.isEmpty() ? 1 : 0);
    }
}
