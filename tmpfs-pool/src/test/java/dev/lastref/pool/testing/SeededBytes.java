package dev.lastref.pool.testing;

import java.nio.ByteBuffer;

/** An endless run of bytes that a seed and a position determine, so that any part of it can be written and checked alone. */
public final class SeededBytes {
    private SeededBytes() {}

    /** The byte at a position. */
    public static byte at(long seed, long position) {
        return (byte) (word(seed, position >>> 3) >>> ((position & 7) * 8));
    }

    /** The bytes from {@code from}. */
    public static byte[] of(long seed, long from, int length) {
        byte[] bytes = new byte[length];
        long word = 0;
        for (int i = 0; i < length; i++) {
            long position = from + i;
            if (i == 0 || (position & 7) == 0) {
                word = word(seed, position >>> 3);
            }
            bytes[i] = (byte) (word >>> ((position & 7) * 8));
        }
        return bytes;
    }

    /** The first position at which what remains in {@code bytes}, of which the first is at {@code from}, is wrong; -1: none. */
    public static long firstMismatch(ByteBuffer bytes, long seed, long from) {
        int differs = bytes.mismatch(ByteBuffer.wrap(of(seed, from, bytes.remaining())));
        return differs == -1 ? -1 : from + differs;
    }

    /** SplitMix64. */
    private static long word(long seed, long index) {
        long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
