package dev.lastref.cache.semantics;

/**
 * Bytes of a representation, counted from 0, both ends included (RFC 9110, section 14.1.2).
 *
 * @param first at least 0
 * @param last at least {@code first}
 */
public record ByteRange(long first, long last) {
    public ByteRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("a range from byte " + first + " to byte " + last);
        }
    }

    public long length() {
        return last - first + 1;
    }

    /** The byte behind it. */
    public long end() {
        return last + 1;
    }

    public boolean contains(ByteRange other) {
        return first <= other.first && other.last <= last;
    }

    /** Whether both together are one range, without a gap. */
    public boolean touches(ByteRange other) {
        return first <= other.end() && other.first <= end();
    }

    /** The value of Content-Range for this part of so many bytes. */
    public String contentRange(long completeLength) {
        return "bytes " + first + "-" + last + "/" + completeLength;
    }
}
