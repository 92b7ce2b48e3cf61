package dev.lastref.pool.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Fails a test that leaves behind an extent, a transmission, a memfd or its mapping, a socket, or a thread. What the test leaves is
 * compared with what was there before it, and given a moment to go.
 */
public final class LeakCheck implements TestInstancePreConstructCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(LeakCheck.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Threads that the JDK or a test library starts once and keeps. */
    private static final List<String> KEPT_THREADS = List.of(
            "Reference Handler",
            "Finalizer",
            "Signal Dispatcher",
            "Common-Cleaner",
            "Notification Thread",
            "Attach Listener",
            "process reaper",
            "HttpClient-",
            "ForkJoinPool.commonPool",
            "Keep-Alive-Timer",
            "JNA Cleaner",
            "awaitility",
            "surefire-",
            "main",
            "Cleaner-",
            "idle-connection-reaper",
            "Log4j2");

    /** Before the test's fields are made, since they may hold a pool. */
    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        context.getStore(HERE).put("before", Holdings.now());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Holdings before = context.getStore(HERE).get("before", Holdings.class);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<String> leaked = Holdings.now().beyond(before);
        while (!leaked.isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
            leaked = Holdings.now().beyond(before);
        }
        if (!leaked.isEmpty()) {
            throw new AssertionError("leaked by " + context.getDisplayName() + ":\n  " + String.join("\n  ", leaked));
        }
    }

    /** What the process holds that a test must give back. */
    private record Holdings(List<String> descriptors, List<String> mappings, List<String> threads, int held) {
        static Holdings now() {
            return new Holdings(descriptorLinks(), memfdMappings(), threadNames(), Taken.count());
        }

        List<String> beyond(Holdings before) {
            List<String> leaks = new ArrayList<>();
            addExcess(leaks, "descriptor", descriptors, before.descriptors);
            addExcess(leaks, "mapping", mappings, before.mappings);
            addExcess(leaks, "thread", threads, before.threads);
            if (held > before.held) {
                leaks.addAll(Taken.describe());
            }
            return leaks;
        }

        private static void addExcess(List<String> leaks, String what, List<String> now, List<String> before) {
            TreeMap<String, Long> counts =
                    new TreeMap<>(now.stream().collect(Collectors.groupingBy(x -> x, Collectors.counting())));
            before.forEach(x -> counts.merge(x, -1L, Long::sum));
            counts.forEach((name, excess) -> {
                if (excess > 0) {
                    leaks.add(what + " " + name + (excess > 1 ? " (" + excess + " times)" : ""));
                }
            });
        }
    }

    /** memfd files and sockets; a socket's inode differs each time, so only the kind is compared. */
    private static List<String> descriptorLinks() {
        List<String> links = new ArrayList<>();
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : directory) {
                String target = Files.isSymbolicLink(link) ? readLink(link) : "";
                if (target.startsWith("/memfd:")) {
                    links.add(target);
                } else if (target.startsWith("socket:")) {
                    links.add("socket");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return links;
    }

    private static String readLink(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private static List<String> memfdMappings() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("memfd:lastref"))
                    .map(line -> line.substring(line.indexOf("/memfd:")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> threadNames() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> KEPT_THREADS.stream().noneMatch(name::startsWith))
                .toList();
    }

    /** Pools that a test opened through {@link TestPools}, and what they still hold. */
    static final class Taken {
        private static final List<TestPools.Watched> POOLS = new CopyOnWriteArrayList<>();

        private Taken() {}

        static void watch(TestPools.Watched pool) {
            POOLS.add(pool);
        }

        static int count() {
            return POOLS.stream().mapToInt(TestPools.Watched::held).sum();
        }

        static List<String> describe() {
            return POOLS.stream()
                    .filter(pool -> pool.held() > 0)
                    .flatMap(pool -> pool.describe().stream())
                    .toList();
        }
    }
}
