package dev.lastref.pool.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tries, on the running kernel, what the pool relies on: whether sealable memory files exist, whether sendfile holds references to
 * pages, whether the seal sees them, and whether it is granted when they are gone; and what else the system allows. Takes about a quarter of a second.
 */
public final class KernelProbe {
    private static final int BYTES = 64 * 1024;
    private static final String PUNCHING = "punching";

    /** What a finding means for the pool. */
    public enum Verdict {
        /** As the pool expects. */
        OK,
        /** Different, and the pool copes. */
        NOTE,
        /** The pool cannot work. */
        FATAL
    }

    /**
     * One thing that was tried.
     *
     * @param tried what
     * @param seen what the kernel did
     * @param follows what that means
     * @param switchesOff what Lastref does without because of it; null: nothing
     */
    public record Finding(
            Verdict verdict,
            String tried,
            String seen,
            String follows,
            @Nullable String switchesOff) {
        /** One that switches nothing off. */
        public Finding(Verdict verdict, String tried, String seen, String follows) {
            this(verdict, tried, seen, follows, null);
        }
    }

    /** All that was found. */
    public record Report(List<Finding> findings) {
        public Report {
            findings = List.copyOf(findings);
        }

        /** Whether the pool can work. */
        public boolean works() {
            return findings.stream().noneMatch(finding -> finding.verdict() == Verdict.FATAL);
        }

        /** Whether dead pages may be punched out of files of the kind that was tried. */
        public boolean punchingIsSafe() {
            return !isSwitchedOff(PUNCHING);
        }

        private boolean isSwitchedOff(String what) {
            return findings.stream().anyMatch(finding -> what.equals(finding.switchesOff()));
        }

        /** What Lastref does without, and why, in one line; empty: nothing. */
        public String switchedOff() {
            return findings.stream()
                    .filter(finding -> finding.switchesOff() != null)
                    .map(finding -> finding.switchesOff() + " (" + finding.tried() + ": " + finding.seen() + ")")
                    .collect(Collectors.joining("; "));
        }
    }

    private KernelProbe() {}

    /** Tries everything with memory files; never throws, since a failure is a finding. */
    public static Report run() {
        return run(null);
    }

    /**
     * Tries everything; never throws, since a failure is a finding.
     *
     * @param directory on tmpfs, in which the pool makes its files; null: they are memfds
     */
    public static Report run(@Nullable Path directory) {
        return run(directory, /* making= */ true);
    }

    /**
     * The same, but nothing is made or removed in the directory: there it is looked at what {@link TmpfsDirectory#requireUsable} sees.
     *
     * @param directory as {@link #run(Path)} takes it
     */
    public static Report look(@Nullable Path directory) {
        return run(directory, /* making= */ directory == null);
    }

    private static Report run(@Nullable Path directory, boolean making) {
        List<Finding> findings = new ArrayList<>();
        findings.add(system());
        try (MemFile file = MemFile.create("lastref-doctor", BYTES)) {
            findings.add(new Finding(
                    Verdict.OK,
                    "memfd_create with sealing, written and mapped read-only",
                    "granted",
                    "the pool can open"));
            findings.addAll(seal(file));
        } catch (IOException e) {
            findings.add(new Finding(
                    directory == null ? Verdict.FATAL : Verdict.NOTE,
                    "memfd_create with sealing, and a seal while sendfile's bytes are unread",
                    String.valueOf(e.getMessage()),
                    directory == null
                            ? "the pool cannot open here; a sandbox or a seccomp profile may deny the call"
                            : "the pool cannot do without its directory"));
        }
        findings.add(punch(directory, making));
        findings.add(positions());
        findings.add(directory == null ? sharedMemory(Path.of("/dev/shm")) : backing(directory, making));
        findings.addAll(SystemLimits.ofThisSystem().find());
        return new Report(findings);
    }

    private static Finding system() {
        return new Finding(
                Verdict.OK,
                "the system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " on "
                        + System.getProperty("os.arch") + ", Java " + Runtime.version(),
                "Linux 3.17 or newer is needed for memfd and its seals");
    }

    /** Leaves bytes unread in a local receiver's queue, asks for the seal, reads them, and asks again. */
    private static List<Finding> seal(MemFile file) throws IOException {
        file.channel().write(ByteBuffer.allocate(BYTES), 0);
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(loopback);
                SocketChannel receiver = SocketChannel.open(server.getLocalAddress());
                SocketChannel sender = server.accept()) {
            long sent = file.channel().transferTo(0, BYTES, sender);
            long before = System.nanoTime();
            boolean early = file.sealAgainstWrites();
            Finding held = early
                    ? new Finding(
                            Verdict.NOTE,
                            "F_SEAL_WRITE while " + sent + " bytes sent by sendfile are unread",
                            "granted" + took(before),
                            "this kernel copies in sendfile, so nothing stays pinned: segments return at once")
                    : new Finding(
                            Verdict.OK,
                            "F_SEAL_WRITE while " + sent + " bytes sent by sendfile are unread",
                            "refused, EBUSY" + took(before),
                            "sendfile holds page references and the seal sees them: it is the proof");
            read(receiver, sent);
            DeferredFrees.flush(); // as the reclaimer does; else the answer depends on which CPU read
            before = System.nanoTime();
            boolean late = early || file.sealAgainstWrites();
            Finding gone = late
                    ? new Finding(
                            Verdict.OK,
                            "F_SEAL_WRITE after they were read",
                            "granted" + took(before),
                            "segments return")
                    : new Finding(
                            Verdict.FATAL,
                            "F_SEAL_WRITE after they were read",
                            "refused, EBUSY" + took(before),
                            "no segment would ever return to the pool");
            return List.of(held, gone);
        }
    }

    private static void read(SocketChannel receiver, long bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        long left = bytes;
        while (left > 0) {
            buffer.clear();
            int n = receiver.read(buffer);
            if (n < 0) {
                throw new IOException("a loopback connection ended with " + left + " of " + bytes + " bytes missing");
            }
            left -= n;
        }
    }

    private static String took(long beforeNanos) {
        return " after " + TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beforeNanos) / 1000.0 + " ms";
    }

    /** Punches whole pages out of bytes that are on their way, and looks at what arrives. */
    private static Finding punch(@Nullable Path directory, boolean making) {
        String tried = "fallocate(PUNCH_HOLE) of whole pages of "
                + (directory == null ? "a memfd" : "a file in " + directory) + " while sendfile's bytes are unread";
        try {
            boolean large = directory == null
                    ? HugePages.ofThisSystem().mayBeGivenToMemfds()
                    : HugePages.ofThisSystem().mayBeGivenIn(TmpfsDirectory.nearest(directory));
            if (large) {
                return noPunching(
                        tried, "not tried: files here may get huge pages, a hole in which changes bytes in flight");
            }
            if (!making) {
                return new Finding(
                        Verdict.OK,
                        tried,
                        "not tried: no file is made there now",
                        "files there get no huge pages, so nothing is known against it");
            }
            return switch (punchOutcome(directory)) {
                case SAFE ->
                    new Finding(
                            Verdict.OK,
                            tried,
                            "the pages left the file, and every byte arrived as it was sent",
                            "dead pages are taken out of segments that a slow reader keeps");
                case CHANGED -> noPunching(tried, "bytes arrived changed");
                case STAYED -> noPunching(tried, "the pages stayed in the file");
            };
        } catch (IOException e) {
            return noPunching(tried, String.valueOf(e.getMessage()));
        }
    }

    private static Finding noPunching(String tried, String seen) {
        return new Finding(
                Verdict.NOTE, tried, seen, "no holes are punched; Lastref only closes whole files", PUNCHING);
    }

    private static PunchProbe.Outcome punchOutcome(@Nullable Path directory) throws IOException {
        if (directory == null) {
            return PunchProbe.run(size -> MemFile.create("lastref-doctor", size));
        }
        try (TmpfsDirectory opened = TmpfsDirectory.open(directory)) {
            return PunchProbe.run(size -> opened.create(0, size));
        }
    }

    private static Finding positions() {
        String tried = "NETLINK_SOCK_DIAG, which says how far a connection has come";
        try {
            SockDiag.open(SockDiag.NETLINK_SOCK_DIAG).close();
            return new Finding(Verdict.OK, tried, "it answers", "who holds pages is asked for one by one, busy or not");
        } catch (IOException e) {
            return new Finding(
                    Verdict.NOTE,
                    tried,
                    String.valueOf(e.getMessage()),
                    "who holds pages is read from /proc/net/tcp, where a busy connection never seems to have drained",
                    "positions of connections");
        }
    }

    /** The mount that a directory would be on, for who thinks about it. */
    private static Finding sharedMemory(Path shm) {
        String tried = "what " + shm + " has for the backing directory";
        try {
            TmpfsDirectory.checkIsOnTmpfs(shm);
            return new Finding(
                    Verdict.OK,
                    tried,
                    "tmpfs, " + room(TmpfsDirectory.availableBytes(shm)),
                    "a pool there can have no more; memfd, which is used, does not depend on it");
        } catch (IOException e) {
            return new Finding(
                    Verdict.NOTE,
                    tried,
                    String.valueOf(e.getMessage()),
                    "the backing directory would need another tmpfs; memfd, which is used, does not");
        }
    }

    /** The directory that the pool's files are made in. */
    private static Finding backing(Path directory, boolean making) {
        String tried = "the backing directory " + directory;
        try {
            return new Finding(
                    Verdict.OK,
                    tried,
                    making ? madeIn(directory) : seenOf(directory),
                    "the pool can have no more there; of its files the kernel does not say who holds their pages");
        } catch (IOException e) {
            return new Finding(
                    Verdict.FATAL,
                    tried,
                    String.valueOf(e.getMessage()),
                    "the pool cannot open here; name another one (lastref.pool.directory), or use memfd");
        }
    }

    private static String madeIn(Path directory) throws IOException {
        try (TmpfsDirectory opened = TmpfsDirectory.open(directory)) {
            long room = opened.availableBytes();
            opened.create(0, BYTES).close();
            return "tmpfs, " + room(room) + "; a file of " + BYTES + " bytes could be made";
        }
    }

    private static String seenOf(Path directory) throws IOException {
        TmpfsDirectory.requireUsable(directory);
        return "tmpfs, and files may be made there";
    }

    private static String room(long bytes) {
        return bytes == Long.MAX_VALUE ? "no limit of its own" : bytes + " bytes free";
    }
}
