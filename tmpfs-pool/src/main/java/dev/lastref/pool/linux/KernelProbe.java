package dev.lastref.pool.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tries, on the running kernel, what the pool relies on: whether sealable memory files exist, whether sendfile holds references to
 * pages, whether the seal sees them, and whether it is granted when they are gone; and what else the system allows. Takes about a quarter of a second.
 */
public final class KernelProbe {
    private static final int BYTES = 64 * 1024;

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
     */
    public record Finding(Verdict verdict, String tried, String seen, String follows) {}

    private KernelProbe() {}

    /** Tries everything; never throws, since a failure is a finding. */
    public static List<Finding> run() {
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
                    Verdict.FATAL,
                    "memfd_create with sealing, and a seal while sendfile's bytes are unread",
                    String.valueOf(e.getMessage()),
                    "the pool cannot open here; a sandbox or a seccomp profile may deny the call"));
        }
        findings.add(punch());
        findings.add(mount());
        findings.addAll(SystemLimits.ofThisSystem().find());
        return findings;
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
    private static Finding punch() {
        String tried = "fallocate(PUNCH_HOLE) of whole pages while sendfile's bytes are unread";
        try (MemFile file = MemFile.create("lastref-doctor", BYTES)) {
            byte[] pattern = new byte[BYTES];
            Arrays.fill(pattern, (byte) 0x5a);
            file.channel().write(ByteBuffer.wrap(pattern), 0);
            InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (ServerSocketChannel server = ServerSocketChannel.open().bind(loopback);
                    SocketChannel receiver = SocketChannel.open(server.getLocalAddress());
                    SocketChannel sender = server.accept()) {
                int sent = (int) file.channel().transferTo(0, BYTES, sender);
                file.punch(BYTES / 4, BYTES / 2);
                boolean gone = file.view().get(BYTES / 2) == 0;
                ByteBuffer arrived = ByteBuffer.allocate(sent);
                while (arrived.hasRemaining() && receiver.read(arrived) >= 0) {
                    // until all is there
                }
                int wrong = Arrays.mismatch(arrived.array(), Arrays.copyOf(pattern, sent));
                return wrong == -1 && gone
                        ? new Finding(
                                Verdict.OK,
                                tried,
                                "the pages left the file, and every byte arrived as it was sent",
                                "pages can be detached without harm to what is in flight")
                        : new Finding(
                                Verdict.NOTE,
                                tried,
                                wrong == -1 ? "the pages stayed in the file" : "byte " + wrong + " arrived changed",
                                "no holes may be punched here; Lastref only closes whole files");
            }
        } catch (IOException e) {
            return new Finding(Verdict.NOTE, tried, String.valueOf(e.getMessage()), "nothing is punched here");
        }
    }

    private static Finding mount() {
        Path shm = Path.of("/dev/shm");
        String tried = "what " + shm + " has for the backing directory";
        try {
            long room = TmpfsDirectory.availableBytes(shm);
            return new Finding(
                    Verdict.OK,
                    tried,
                    room == Long.MAX_VALUE ? "no limit of its own" : room + " bytes",
                    "a pool there can have no more; memfd, the default, does not depend on it");
        } catch (IOException e) {
            return new Finding(
                    Verdict.NOTE,
                    tried,
                    String.valueOf(e.getMessage()),
                    "the backing directory would need another tmpfs; memfd, the default, does not");
        }
    }
}
