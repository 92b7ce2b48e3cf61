package dev.lastref.http.message;

import org.jspecify.annotations.Nullable;

/**
 * Follows the extensions of one chunk, byte by byte, from behind its size to before the end of the line (RFC 9112, section 7.1.1):
 *
 * <pre>
 *  chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
 * </pre>
 *
 * <p>Blanks where the grammar has bad white space are taken, as they must be (RFC 9110, section 5.6.3); anywhere else nothing is. A CR is
 * no part of an extension, within quotes neither: {@link #mayEnd} says whether one may come.
 */
final class ChunkExtensions {
    private enum State {
        /** Behind the size, or a value, and blanks. */
        BEFORE_SEMICOLON,
        BEFORE_NAME,
        NAME,
        BEHIND_NAME,
        BEFORE_VALUE,
        VALUE,
        QUOTED,
        QUOTED_PAIR,
        BEHIND_QUOTED
    }

    private State state = State.BEFORE_SEMICOLON;

    /** Behind the size of a chunk. */
    void begin() {
        state = State.BEFORE_SEMICOLON;
    }

    /** Goes on by one byte; false if the grammar does not have it there. */
    boolean step(byte b) {
        State next = next(b);
        if (next == null) {
            return false;
        }
        state = next;
        return true;
    }

    /** Whether the line may end here. */
    boolean mayEnd() {
        return state == State.NAME || state == State.VALUE || state == State.BEHIND_QUOTED;
    }

    private @Nullable State next(byte b) {
        boolean blank = Octets.isBlank(b);
        return switch (state) {
            case BEFORE_SEMICOLON -> blank ? State.BEFORE_SEMICOLON : behindMember(b);
            case BEFORE_NAME -> blank ? State.BEFORE_NAME : Octets.isToken(b) ? State.NAME : null;
            case NAME -> Octets.isToken(b) ? State.NAME : behindName(b);
            case BEHIND_NAME -> behindName(b);
            case BEFORE_VALUE ->
                blank ? State.BEFORE_VALUE : b == '"' ? State.QUOTED : Octets.isToken(b) ? State.VALUE : null;
            case VALUE -> Octets.isToken(b) ? State.VALUE : behindMember(b);
            case QUOTED ->
                switch (b) {
                    case '"' -> State.BEHIND_QUOTED;
                    case '\\' -> State.QUOTED_PAIR;
                    default -> Octets.isValue(b) ? State.QUOTED : null;
                };
            case QUOTED_PAIR -> Octets.isValue(b) ? State.QUOTED : null;
            case BEHIND_QUOTED -> behindMember(b);
        };
    }

    private static @Nullable State behindName(byte b) {
        if (Octets.isBlank(b)) {
            return State.BEHIND_NAME;
        }
        return b == '=' ? State.BEFORE_VALUE : b == ';' ? State.BEFORE_NAME : null;
    }

    private static @Nullable State behindMember(byte b) {
        return b == ';' ? State.BEFORE_NAME : Octets.isBlank(b) ? State.BEFORE_SEMICOLON : null;
    }
}
