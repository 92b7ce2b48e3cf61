package dev.lastref.cache.semantics;

import java.util.List;

/**
 * What of a representation a GET is to be answered with (RFC 9110, section 14.2).
 *
 * @param ranges in the order in which they were asked for; at least one for {@link Kind#PARTS}, else none
 */
public record RangeSelection(Kind kind, List<ByteRange> ranges) {
    /** Which answer it makes. */
    public enum Kind {
        /** 200: no Range, or one that is ignored. */
        WHOLE,
        /** 206. */
        PARTS,
        /** 416. */
        UNSATISFIABLE
    }

    /** 200. */
    public static final RangeSelection WHOLE = new RangeSelection(Kind.WHOLE, List.of());

    /** 416. */
    public static final RangeSelection UNSATISFIABLE = new RangeSelection(Kind.UNSATISFIABLE, List.of());

    static RangeSelection parts(List<ByteRange> ranges) {
        return new RangeSelection(Kind.PARTS, List.copyOf(ranges));
    }

    /**
     * Selects. An origin that says {@code Accept-Ranges: none} gets its way.
     *
     * @param request of a GET that fulfils its conditions
     * @param representation fields of the 200, or of a stored 206
     * @param length bytes of the whole
     * @param now epoch seconds
     */
    public static RangeSelection of(FieldList request, FieldList representation, long length, long now) {
        ByteRanges asked = ByteRanges.of(request);
        if (asked == null
                || "none".equals(representation.combined("Accept-Ranges"))
                || !Preconditions.isRangeFor(request, representation, now)) {
            return WHOLE;
        }
        return asked.within(length);
    }

    /** Whether this much of the representation is enough to answer with. */
    public boolean isWithin(ByteRange held) {
        return switch (kind) {
            case WHOLE -> false;
            case UNSATISFIABLE -> true;
            case PARTS -> ranges.stream().allMatch(held::contains);
        };
    }

    public boolean isWhole() {
        return kind == Kind.WHOLE;
    }
}
