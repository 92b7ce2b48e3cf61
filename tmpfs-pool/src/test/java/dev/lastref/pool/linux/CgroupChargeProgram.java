package dev.lastref.pool.linux;

import dev.lastref.pool.testing.Loopback;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Keeps a file's pages in the queues of readers that do not read, to be watched from outside; goes on with each line that it is sent. */
final class CgroupChargeProgram {
    private static final int READERS = 64;
    private static final int LENGTH = 2 << 20;
    /** Written again and again: a heap that grows would be charged too. */
    private static final byte[] PIECE = new byte[64 * 1024];

    private CgroupChargeProgram() {}

    public static void main(String[] arguments) throws Exception {
        List<Loopback> connections = new ArrayList<>();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (int i = 0; i < READERS; i++) {
            connections.add(Loopback.open());
        }
        System.out.println("ready");
        commands.readLine();
        long sent = 0;
        try (TestFile file = TestFile.memfd(new byte[0])) {
            for (int i = 0; i < READERS; i++) {
                long start = (long) i * LENGTH;
                for (int written = 0; written < LENGTH; written += PIECE.length) {
                    file.overwrite(start + written, PIECE);
                }
                sent += connections.get(i).sink().transferFrom(file.channel(), start, LENGTH);
            }
            file.truncate();
            System.out.println("truncated " + sent + " " + file.allocatedBytes());
        }
        commands.readLine();
        for (Loopback connection : connections) {
            connection.sender().close();
            connection.reader().awaitEnd();
        }
        DeferredFrees.flush();
        System.out.println("read");
        commands.readLine();
    }
}
