package dev.lastref.pool.testing;

import dev.lastref.pool.linux.TestCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace joined to this one by a veth pair. Needs root. Closing removes both. */
public final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;
    private final String link;
    private final String hostAddress;

    private NetworkNamespace(String name, String link, String hostAddress) {
        this.name = name;
        this.link = link;
        this.hostAddress = hostAddress;
    }

    /** Makes one, or skips the test where that is not allowed. */
    public static NetworkNamespace create() throws IOException {
        Requires.root();
        Requires.command("ip");
        long number = ProcessHandle.current().pid() * 16 + COUNT.getAndIncrement() % 16;
        String name = "lastref-test-" + number;
        // 198.18.0.0/15 is set aside for tests of networks (RFC 2544).
        int subnet = (int) (number % 16384) * 4;
        String prefix = "198.18." + (subnet >> 8) + ".";
        String here = prefix + ((subnet & 255) + 1);
        String veth = "lr" + Long.toString(number, 36);
        NetworkNamespace namespace = new NetworkNamespace(name, veth + "b", here);
        try {
            ip("netns", "add", name);
            ip("link", "add", veth + "a", "type", "veth", "peer", "name", veth + "b", "netns", name);
            ip("addr", "add", here + "/30", "dev", veth + "a");
            ip("link", "set", veth + "a", "up");
            ip("-n", name, "addr", "add", prefix + ((subnet & 255) + 2) + "/30", "dev", veth + "b");
            ip("-n", name, "link", "set", veth + "b", "up");
            return namespace;
        } catch (IOException e) {
            namespace.close();
            throw e;
        }
    }

    /** This side's address, which the other side can connect to. */
    public InetAddress hostAddress() throws IOException {
        return InetAddress.getByName(hostAddress);
    }

    /** What to put before a command to run it over there. */
    public List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Runs something over there: the sockets that it opens belong to that side for good. */
    public <T> T call(Callable<T> task) throws Exception {
        FutureTask<T> there = new FutureTask<>(() -> {
            TestCalls.enterNetworkNamespace(Path.of("/run/netns", name));
            return task.call();
        });
        Thread thread = new Thread(there, "in-" + name); // which ends over there
        thread.start();
        try {
            return there.get();
        } finally {
            thread.join();
        }
    }

    /** Cuts the connection to the other side: from now on nothing comes through, and nobody is told. */
    public void cut() throws IOException {
        ip("-n", name, "link", "set", link, "down");
    }

    /** Joins both sides again, after a cut. */
    public void connect() throws IOException {
        ip("-n", name, "link", "set", link, "up");
    }

    @Override
    public void close() throws IOException {
        ip("netns", "del", name);
    }

    private static void ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
