package dev.lastref.pool.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * Makes the kernel let go of packets that were read long ago.
 *
 * <p>A receiver on this machine that runs on another CPU than the sender does not free what it has read: it puts the packet, and with
 * it our page, on a list of the CPU that made it, which frees it with the next packet that it takes in (net/core/skbuff.c,
 * {@code skb_attempt_defer_free}; nobody kicks that CPU before half of net.core.skb_defer_max packets, 32 of 64, wait there). On a
 * CPU that then has no network traffic the page is held without end. So one datagram is sent over loopback from each CPU that we may
 * run on, which are those that our packets were made on: there it is taken in, and the list freed, before the call returns.
 */
public final class DeferredFrees {
    /** Bytes of a CPU mask: 8,192 CPUs, the most that Linux can be built for. */
    private static final int MASK = 1024;

    private DeferredFrees() {}

    /**
     * Frees what waits on the CPUs of the calling thread, which visits each of them: some microseconds a CPU.
     *
     * @throws IOException if the thread's CPUs cannot be chosen, or there is no loopback or no descriptor to send with
     */
    public static void flush() throws IOException {
        byte[] own = new byte[MASK];
        if (LibC.sched_getaffinity(0, MASK, own) == -1) {
            throw LibC.failed("sched_getaffinity", 0, MASK);
        }
        try (DatagramChannel channel =
                DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            for (int cpu = 0; cpu < MASK * Byte.SIZE; cpu++) {
                if ((own[cpu / Byte.SIZE] & (1 << (cpu % Byte.SIZE))) != 0 && moveTo(cpu)) {
                    channel.send(ByteBuffer.allocate(1), channel.getLocalAddress());
                }
            }
        } finally {
            LibC.sched_setaffinity(0, MASK, own);
        }
    }

    /** Returns false for a CPU that has gone offline or out of reach meanwhile. */
    private static boolean moveTo(int cpu) {
        byte[] one = new byte[MASK];
        one[cpu / Byte.SIZE] = (byte) (1 << cpu % Byte.SIZE);
        return LibC.sched_setaffinity(0, MASK, one) == 0;
    }
}
