package dev.lastref.cache.semantics;

import java.security.SecureRandom;

/**
 * A hash of texts under a secret: who does not know it cannot choose texts that collide, and so neither make the look-up of a key a
 * search through thousands, nor hit upon what another key shares by its hash.
 *
 * <p>Four characters at a time are multiplied with a secret factor, and the halves of the product folded, as wyhash does; a polynomial,
 * such as that of {@link String#hashCode}, has texts that collide whatever its factor is. Not for what must withstand who sees hashes.
 *
 * <p>Immutable; allocates nothing.
 */
final class SeededHash {
    private static final int CHARACTERS = Long.SIZE / Character.SIZE;

    private final long start;
    private final long factor;

    /**
     * @param start any number
     * @param factor any number; it is made odd
     */
    SeededHash(long start, long factor) {
        this.start = start;
        this.factor = factor | 1;
    }

    /** One that nobody knows, nor anybody else has. */
    static SeededHash secret() {
        SecureRandom random = new SecureRandom();
        return new SeededHash(random.nextLong(), random.nextLong());
    }

    /** Of no text at all: what the first is added to. */
    long start() {
        return start;
    }

    /** What is known of the texts before, and now of this one too. Where one ends and the next begins counts. */
    long add(long before, String text) {
        long hash = before;
        int length = text.length();
        int i = 0;
        for (; i + CHARACTERS <= length; i += CHARACTERS) {
            hash = fold(hash
                    ^ (text.charAt(i)
                            | (long) text.charAt(i + 1) << 16
                            | (long) text.charAt(i + 2) << 32
                            | (long) text.charAt(i + 3) << 48));
        }
        long rest = 0;
        for (; i < length; i++) {
            rest = rest << Character.SIZE | text.charAt(i);
        }
        // Three characters at most are left, and the length says how many.
        return fold(hash ^ rest ^ (long) length << 48);
    }

    private long fold(long bits) {
        return bits * factor ^ Math.multiplyHigh(bits, factor);
    }

    static int toInt(long hash) {
        return Long.hashCode(hash);
    }
}
