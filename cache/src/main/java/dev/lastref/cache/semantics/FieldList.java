package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The header or trailer section of a message: an immutable, ordered list of field lines (RFC 9110, section 5).
 *
 * <p>Names compare without regard to ASCII case and keep the case they came with; lines of one name keep their order.
 * One array holds everything, {@code name, value, name, value…}: a lookup is a scan, which for the ten to twenty lines
 * of a message is cheaper than a map, and an entry of the index pays for no nodes.
 *
 * <p>Values are kept as received. Whoever writes them to a connection answers for CR, LF and NUL.
 */
public final class FieldList {
    /** No field lines. */
    public static final FieldList EMPTY = new FieldList(new String[0]);

    private final String[] lines;

    private FieldList(String[] lines) {
        this.lines = lines;
    }

    /** A list of the given {@code name, value, name, value…}; an odd count throws. */
    public static FieldList of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a field line is a name and a value, but " + namesAndValues.length
                    + " strings were given: " + Arrays.toString(namesAndValues));
        }
        Builder builder = builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with these lines. */
    public Builder toBuilder() {
        return new Builder(lines);
    }

    /** How many field lines there are. */
    public int size() {
        return lines.length / 2;
    }

    /** The name of line {@code index}, in the case it came with. */
    public String name(int index) {
        return lines[2 * Objects.checkIndex(index, size())];
    }

    /** The value of line {@code index}. */
    public String value(int index) {
        return lines[2 * Objects.checkIndex(index, size()) + 1];
    }

    /** The value of the first line of that name. */
    public @Nullable String first(String name) {
        int index = indexOf(name, 0);
        return index < 0 ? null : value(index);
    }

    /** The value of the line of that name, if there is exactly one. */
    public @Nullable String only(String name) {
        int index = indexOf(name, 0);
        return index < 0 || indexOf(name, index + 1) >= 0 ? null : value(index);
    }

    public boolean contains(String name) {
        return indexOf(name, 0) >= 0;
    }

    /** The values of every line of that name, in order; empty if there is none. */
    public List<String> all(String name) {
        int index = indexOf(name, 0);
        if (index < 0) {
            return List.of();
        }
        int next = indexOf(name, index + 1);
        if (next < 0) {
            return List.of(value(index));
        }
        List<String> values = new ArrayList<>(4);
        values.add(value(index));
        for (; next >= 0; next = indexOf(name, next + 1)) {
            values.add(value(next));
        }
        return List.copyOf(values);
    }

    /**
     * The lines of that name as one value, joined by {@code ", "} (RFC 9110, section 5.3). Not for Set-Cookie, whose
     * lines cannot be joined.
     */
    public @Nullable String combined(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : String.join(", ", values);
    }

    public void forEach(BiConsumer<? super String, ? super String> action) {
        for (int i = 0; i < lines.length; i += 2) {
            action.accept(lines[i], lines[i + 1]);
        }
    }

    /** The same lines, with each name and value replaced by what the function makes of it. */
    public FieldList map(UnaryOperator<String> each) {
        String[] mapped = new String[lines.length];
        for (int i = 0; i < lines.length; i++) {
            mapped[i] = Objects.requireNonNull(each.apply(lines[i]), "field line");
        }
        return mapped.length == 0 ? EMPTY : new FieldList(mapped);
    }

    /** About how many bytes of heap this list holds, its names and values not counted, which others may have too. */
    public long heapBytes() {
        return HeapSize.align(HeapSize.OBJECT_HEADER + HeapSize.REFERENCE)
                + HeapSize.align(HeapSize.ARRAY_HEADER + (long) HeapSize.REFERENCE * lines.length);
    }

    /** The same, with the names and values, as if none were shared with anyone. */
    public long heapBytesWithTexts() {
        long bytes = heapBytes();
        for (String text : lines) {
            bytes += HeapSize.ofString(text);
        }
        return bytes;
    }

    private int indexOf(String name, int from) {
        for (int i = 2 * from; i < lines.length; i += 2) {
            if (Ascii.equalsIgnoreCase(lines[i], name)) {
                return i / 2;
            }
        }
        return -1;
    }

    /** Whether the other one has the same lines, in the same order and the same case. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldList list && Arrays.equals(lines, list.lines);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lines);
    }

    /** One line each, as on the wire. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }

    /** Collects field lines. For one thread; may be used on after {@link #build()}. */
    public static final class Builder {
        private static final int ROOM = 32;

        private String[] lines;
        /** How many of them are names and values. */
        private int length;

        private Builder() {
            lines = new String[ROOM];
        }

        private Builder(String[] begun) {
            lines = Arrays.copyOf(begun, Math.max(ROOM, begun.length + ROOM / 2));
            length = begun.length;
        }

        /** Appends a line, whether or not there is one of that name. */
        public Builder add(String name, String value) {
            if (length + 2 > lines.length) {
                lines = Arrays.copyOf(lines, 2 * lines.length);
            }
            lines[length] = Objects.requireNonNull(name, "name");
            lines[length + 1] = Objects.requireNonNull(value, "value");
            length += 2;
            return this;
        }

        /** Makes this the only line of that name, in the place of the first one, or at the end. */
        public Builder set(String name, String value) {
            for (int i = 0; i < length; i += 2) {
                if (Ascii.equalsIgnoreCase(lines[i], name)) {
                    lines[i] = name;
                    lines[i + 1] = Objects.requireNonNull(value, "value");
                    removeFrom(i + 2, name);
                    return this;
                }
            }
            return add(name, value);
        }

        /** Removes every line of that name. */
        public Builder remove(String name) {
            removeFrom(0, name);
            return this;
        }

        private void removeFrom(int from, String name) {
            int kept = from;
            for (int i = from; i < length; i += 2) {
                if (!Ascii.equalsIgnoreCase(lines[i], name)) {
                    lines[kept++] = lines[i];
                    lines[kept++] = lines[i + 1];
                }
            }
            length = kept;
        }

        public FieldList build() {
            return length == 0 ? EMPTY : new FieldList(Arrays.copyOf(lines, length));
        }
    }
}
