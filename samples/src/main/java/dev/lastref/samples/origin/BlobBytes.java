package dev.lastref.samples.origin;

import java.util.Arrays;

/**
 * The content of {@code /blob/{id}}: byte {@code n} is a function of the id and {@code n} alone, whatever size was asked for. A client can
 * so verify any range of it without keeping it.
 */
public final class BlobBytes {

    private BlobBytes() {}

    /** Puts the bytes of blob {@code id} from {@code position} on into {@code target[from, to)}. */
    public static void fill(long id, long position, byte[] target, int from, int to) {
        long word = 0;
        for (int i = from; i < to; i++) {
            long at = position + (i - from);
            if (i == from || (at & 7) == 0) {
                word = Mix.at(id, at >>> 3);
            }
            target[i] = (byte) (word >>> ((at & 7) << 3));
        }
    }

    /** Where {@code bytes}, said to start at {@code position} of blob {@code id}, first differ from it; -1 if nowhere. */
    public static long firstDifference(long id, long position, byte[] bytes) {
        byte[] expected = new byte[bytes.length];
        fill(id, position, expected, 0, expected.length);
        int difference = Arrays.mismatch(expected, bytes);
        return difference < 0 ? -1 : position + difference;
    }
}
