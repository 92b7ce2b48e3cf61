package dev.lastref.pool.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/**
 * Fails a test that leaves behind an extent, a transmission, a memfd or its mapping, a socket, or a thread. What is there after the
 * test's own {@code @AfterEach} methods, and was not there before its instance was made, is given a moment to go and then listed.
 *
 * <p>Each thing is known by its identity, not by its number: a socket by its inode, a thread by its object. So a test that closes
 * one socket of somebody else and leaves another does not get away with it. What a class opens in {@code @BeforeAll} was there
 * before; what {@code @AutoClose} closes is closed too late.
 *
 * <p>It looks at every test of every module with this on its class path: {@code META-INF/services} names it, and the build has JUnit
 * look there.
 */
public final class LeakCheck implements TestInstancePreConstructCallback, BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(LeakCheck.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
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
            "JdkHttpClient-",
            "ForkJoinPool.commonPool",
            "Keep-Alive-Timer",
            "JNA Cleaner",
            "Java2D Disposer",
            "awaitility",
            "junit-",
            "surefire-",
            "main",
            "Cleaner-",
            "idle-connection-reaper",
            "Log4j2");

    static {
        startWhatTheJdkKeeps();
    }

    /** The JDK opens a socket of its own with the first channel, and keeps it: that is nobody's leak. */
    private static void startWhatTheJdkKeeps() {
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel one = SocketChannel.open(listener.getLocalAddress());
                SocketChannel other = listener.accept();
                Selector selector = Selector.open()) {
            selector.selectNow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The instance is made for one test method, so what is there before belongs to that method. */
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    /** Before the test's fields are made, since they may hold a pool; the outermost class comes first. */
    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        if (context.getTestMethod().isPresent()) { // else the instance serves all methods
            remember(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context);
    }

    private static void remember(ExtensionContext context) {
        context.getStore(HERE).getOrComputeIfAbsent("before", key -> Holdings.now(), Holdings.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Holdings before = context.getStore(HERE).get("before", Holdings.class);
        List<String> leaked = before.leaked(PATIENCE);
        if (!leaked.isEmpty()) {
            throw new AssertionError("leaked by " + context.getDisplayName() + ":\n  " + String.join("\n  ", leaked));
        }
    }

    /** What the process holds that a test must give back: each thing, and the words for it. */
    record Holdings(Map<Object, Supplier<String>> things) {
        static Holdings now() {
            Map<Object, Supplier<String>> things = new LinkedHashMap<>();
            Taken.addTo(things);
            addDescriptors(things);
            addMappings(things);
            addThreads(things);
            return new Holdings(things);
        }

        /** What has come since and does not go within this time. */
        List<String> leaked(Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            long pause = FIRST_PAUSE;
            List<String> leaked = newcomers();
            while (!leaked.isEmpty() && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(this, pause);
                pause = Math.min(LONGEST_PAUSE, pause * 2);
                leaked = newcomers();
            }
            return leaked;
        }

        private List<String> newcomers() {
            List<String> found = new ArrayList<>();
            now().things.forEach((thing, words) -> {
                if (!things.containsKey(thing)) {
                    found.add(words.get());
                }
            });
            return found;
        }
    }

    /** memfds and sockets. */
    private static void addDescriptors(Map<Object, Supplier<String>> things) {
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : directory) {
                String target = readLink(link);
                if (target.startsWith("/memfd:lastref")) {
                    things.put(link.getFileName() + target, () -> "descriptor " + link.getFileName() + " of " + target);
                } else if (target.startsWith("socket:")) {
                    things.put(target, () -> "descriptor " + link.getFileName() + ", " + describeSocket(target));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readLink(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private static String describeSocket(String target) {
        return TcpTable.rows().stream()
                .filter(row -> target.equals("socket:[" + row.inode() + "]"))
                .findFirst()
                .map(row -> target + ", TCP port " + row.localPort() + " to port " + row.remotePort())
                .orElse(target);
    }

    private static void addMappings(Map<Object, Supplier<String>> things) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                if (line.contains("memfd:lastref")) {
                    things.put(line, () -> "mapping " + line.substring(line.indexOf("/memfd:")));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addThreads(Map<Object, Supplier<String>> things) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.isAlive() && KEPT_THREADS.stream().noneMatch(thread.getName()::startsWith)) {
                things.put(thread, () -> "thread " + thread.getName());
            }
        }
    }

    /** Pools that a test opened through {@link TestPools}, and what they still hold. */
    static final class Taken {
        private static final List<TestPools.Watched> POOLS = new CopyOnWriteArrayList<>();

        private Taken() {}

        static void watch(TestPools.Watched pool) {
            POOLS.add(pool);
        }

        static void addTo(Map<Object, Supplier<String>> things) {
            POOLS.forEach(pool -> pool.addTo(things));
        }
    }
}
