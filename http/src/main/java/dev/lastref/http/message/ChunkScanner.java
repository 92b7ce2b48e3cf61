package dev.lastref.http.message;

import dev.lastref.cache.semantics.FieldList;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the data in chunked content, and its end, byte by byte as it comes (RFC 9112, section 7.1). It takes what the grammar allows
 * and nothing else: no bare LF, no blanks around a size but before an extension, nothing between data and the next size. What two recipients could read in two
 * ways is a {@linkplain #fault() fault}, after which nothing is read any more.
 *
 * <p>Extensions and trailer fields are checked and bounded; extensions are dropped, and so are trailer fields unless somebody wants them. Never throws, whatever the bytes are. For one thread.
 */
public final class ChunkScanner {
    private static final int MOST_EXTENSION_BYTES = 16 * 1024;
    private static final int MOST_TRAILER_BYTES = 16 * 1024;
    private static final int MOST_SIZE_DIGITS = 16;
    private static final long LARGEST = Long.MAX_VALUE >> 4;

    private enum State {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_LINE,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        LAST_LF,
        OVER,
        FAULTY
    }

    /** Those of the trailer section so far; null: they are dropped. */
    private final @Nullable StringBuilder trailers;

    private final ChunkExtensions extensions = new ChunkExtensions();

    private State state = State.SIZE;
    private @Nullable FramingFault fault;
    private int digits;
    private int extensionBytes;
    private int trailerBytes;
    private long left;

    /** Drops trailer fields. */
    public ChunkScanner() {
        this(null);
    }

    private ChunkScanner(@Nullable StringBuilder trailers) {
        this.trailers = trailers;
    }

    /** One that keeps trailer fields, which are {@link #trailers}. */
    public static ChunkScanner keepingTrailers() {
        return new ChunkScanner(new StringBuilder(0));
    }

    /** Ready for the next content. */
    public void reset() {
        if (trailers != null) {
            trailers.setLength(0);
        }
        state = State.SIZE;
        fault = null;
        digits = 0;
        extensionBytes = 0;
        trailerBytes = 0;
        left = 0;
    }

    /**
     * Goes over what is not data. Stops where data begins, see {@link #dataLeft()}, behind the content, at a fault, or at the end of
     * the bytes.
     *
     * @return the index where it stopped
     */
    public int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && state != State.DATA && state != State.OVER && state != State.FAULTY) {
            step(bytes.get(at));
            if (state != State.FAULTY) {
                at++;
            }
        }
        return at;
    }

    private void step(byte b) {
        switch (state) {
            case SIZE -> size(b);
            case EXTENSION -> extension(b);
            case SIZE_LF -> expect(b, '\n', left == 0 ? State.TRAILER_LINE : State.DATA, FramingFault.CHUNK_SIZE);
            case DATA_CR -> expect(b, '\r', State.DATA_LF, FramingFault.CHUNK_END);
            case DATA_LF -> expect(b, '\n', State.SIZE, FramingFault.CHUNK_END);
            default -> trailer(b);
        }
    }

    private void size(byte b) {
        if (Octets.isHex(b)) {
            digits++;
            if (digits > MOST_SIZE_DIGITS || left > LARGEST) {
                fault(FramingFault.CHUNK_SIZE);
            } else {
                left = left << 4 | Octets.hex(b);
            }
        } else if (digits == 0) {
            fault(FramingFault.CHUNK_SIZE);
        } else if (b == ';' || Octets.isBlank(b)) {
            state = State.EXTENSION;
            extensions.begin();
            extension(b);
        } else {
            expect(b, '\r', State.SIZE_LF, FramingFault.CHUNK_SIZE);
        }
        if (state == State.EXTENSION || state == State.SIZE_LF) {
            digits = 0;
        }
    }

    private void extension(byte b) {
        if (b == '\r' && extensions.mayEnd()) {
            state = State.SIZE_LF;
        } else if (!extensions.step(b) || ++extensionBytes > MOST_EXTENSION_BYTES) {
            fault(FramingFault.CHUNK_EXTENSION);
        }
    }

    private void trailer(byte b) {
        if (++trailerBytes > MOST_TRAILER_BYTES) {
            fault(FramingFault.TRAILER);
            return;
        }
        if (trailers != null) {
            trailers.append((char) (b & 0xff));
        }
        switch (state) {
            case TRAILER_LINE -> {
                if (Octets.isToken(b)) {
                    state = State.TRAILER_NAME;
                } else {
                    expect(b, '\r', State.LAST_LF, FramingFault.TRAILER);
                }
            }
            case TRAILER_NAME -> {
                if (!Octets.isToken(b)) {
                    expect(b, ':', State.TRAILER_VALUE, FramingFault.TRAILER);
                }
            }
            case TRAILER_VALUE -> {
                if (!Octets.isValue(b)) {
                    expect(b, '\r', State.TRAILER_LF, FramingFault.TRAILER);
                }
            }
            case TRAILER_LF -> expect(b, '\n', State.TRAILER_LINE, FramingFault.TRAILER);
            default -> expect(b, '\n', State.OVER, FramingFault.TRAILER);
        }
    }

    private void expect(byte b, char expected, State next, FramingFault otherwise) {
        if (b == expected) {
            state = next;
        } else {
            fault(otherwise);
        }
    }

    private void fault(FramingFault found) {
        fault = found;
        state = State.FAULTY;
    }

    /** Bytes of data that come next, before anything else; 0 where there are none. */
    public long dataLeft() {
        return state == State.DATA ? left : 0;
    }

    /** So many of them were taken. */
    public void took(long bytes) {
        left -= bytes;
        if (left == 0) {
            state = State.DATA_CR;
        }
    }

    /** Whether the content is complete, trailer section included. */
    public boolean isOver() {
        return state == State.OVER;
    }

    /** The trailer fields, as they came, once the content is {@linkplain #isOver over}; none if they are dropped. */
    public FieldList trailers() {
        if (trailers == null || !isOver()) {
            return FieldList.EMPTY;
        }
        FieldList.Builder fields = FieldList.builder();
        for (int at = 0, end = trailers.indexOf("\r\n"); end > at; at = end + 2, end = trailers.indexOf("\r\n", at)) {
            int colon = trailers.indexOf(":", at);
            fields.add(
                    trailers.substring(at, colon),
                    trailers.substring(colon + 1, end).strip());
        }
        return fields.build();
    }

    /** What is wrong with the content; null while nothing is. */
    public @Nullable FramingFault fault() {
        return fault;
    }
}
