package dev.lastref.http.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What a logger of this process is told from here on, until it is closed. */
public final class LoggedLines implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AtomicInteger traces = new AtomicInteger();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getThrown() != null) {
                traces.incrementAndGet();
            }
            lines.add(new SimpleFormatter().formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /**
     * @param name of the logger: mostly that of the class which logs
     */
    public LoggedLines(String name) {
        logger = Logger.getLogger(name);
        logger.addHandler(handler);
    }

    /** Their texts, in order. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** How many of them come with a trace. */
    public int traces() {
        return traces.get();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
