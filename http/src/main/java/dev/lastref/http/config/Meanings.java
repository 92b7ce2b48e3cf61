package dev.lastref.http.config;

import java.util.Map;
import java.util.function.Function;

/** Which texts of one setting mean the same: 48MiB and 49152KiB do. */
final class Meanings {
    private final Map<Setting, Function<String, ?>> parsers;

    /**
     * @param parsers by which each setting is read
     */
    Meanings(Map<Setting, Function<String, ?>> parsers) {
        this.parsers = Map.copyOf(parsers);
    }

    /** Whether it makes no difference which of two texts a key has. What cannot be used means itself only. */
    boolean areAlike(String key, String one, String other) {
        if (one.strip().equals(other.strip())) {
            return true;
        }
        try {
            return parsed(key, one).equals(parsed(key, other));
        } catch (IllegalArgumentException unusable) {
            return false;
        }
    }

    /** Whether a key may have a text. An empty one is as none, which a rule's may have. */
    boolean canBe(String key, String text) {
        if (text.isBlank()) {
            return Setting.ofKey(key).isEmpty();
        }
        try {
            parsed(key, text);
            return true;
        } catch (IllegalArgumentException unusable) {
            return false;
        }
    }

    /** What a text means, equal for all that mean the same; throws an IllegalArgumentException if it means nothing. */
    Object parsed(String key, String text) {
        return Setting.ofKey(key)
                .<Function<String, ?>>map(parsers::get)
                .or(() -> Rules.settingOf(key).map(Rules::parser))
                .<Object>map(parser -> parser.apply(text))
                .orElse(text);
    }
}
