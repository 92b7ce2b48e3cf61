package dev.lastref.cache.semantics;

/** What objects take of the heap, in bytes, with compressed references and 8-byte alignment. An estimate, never a measure. */
public final class HeapSize {
    static final int OBJECT_HEADER = 12;
    static final int ARRAY_HEADER = 16;
    static final int REFERENCE = 4;

    private static final int STRING_OBJECT = 24;

    private HeapSize() {}

    /** A string of Latin-1 characters, which is what field lines and request targets are made of. */
    public static long ofString(String s) {
        return STRING_OBJECT + align(ARRAY_HEADER + (long) s.length());
    }

    static long align(long bytes) {
        return (bytes + 7) & ~7L;
    }
}
