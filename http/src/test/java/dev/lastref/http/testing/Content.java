package dev.lastref.http.testing;

import java.util.SplittableRandom;

/** Content that a seed determines. */
public final class Content {
    private Content() {}

    public static byte[] of(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }
}
