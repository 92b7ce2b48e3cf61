package dev.lastref.http.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which known keys somebody probably meant who wrote another. None where it would be a guess: who follows a wrong one has two mistakes to
 * mend.
 */
final class NearKeys {
    /** A typo in so many characters: Levenshtein's distance may be one, or a part of the key's length. */
    private static final int CHARACTERS_A_TYPO = 4;
    /** Such as cert. */
    private static final int SHORTEST_ABBREVIATION = 3;
    /** Of more nobody reads which was meant. */
    private static final int MOST = 4;

    private NearKeys() {}

    /**
     * The nearest first: one that is spelled almost so; else those of which one has all words of the other, as {@code
     * lastref.unsent-limit}; else those with all words of its last part, as {@code lastref.cache.size}.
     *
     * @param given as a key or a variable of the environment is written
     * @param known written alike
     */
    static List<String> of(String given, Collection<String> known) {
        String letters = letters(given);
        Comparator<String> byDistance = Comparator.comparingInt(key -> EditDistance.between(letters, letters(key)));
        List<String> spelled = known.stream()
                .filter(key -> EditDistance.between(letters, letters(key))
                        <= Math.max(1, letters.length() / CHARACTERS_A_TYPO))
                .min(byDistance)
                .map(List::of)
                .orElse(List.of());
        if (!spelled.isEmpty() || letters.isEmpty()) {
            return spelled;
        }
        Set<String> words = words(given);
        List<String> alike = those(known, key -> isOf(words, words(key)) || isMostOf(words(key), words), byDistance);
        Set<String> last = words(given.substring(given.lastIndexOf('.') + 1));
        return !alike.isEmpty() ? alike : those(known, key -> isOf(last, words(key)), byDistance);
    }

    /** Whether each word is one of the others, or begins one as abbreviations do. */
    private static boolean isOf(Set<String> words, Set<String> others) {
        return words.stream()
                .allMatch(word -> others.contains(word)
                        || (word.length() >= SHORTEST_ABBREVIATION
                                && others.stream().anyMatch(other -> other.startsWith(word))));
    }

    private static boolean isMostOf(Set<String> words, Set<String> others) {
        return others.containsAll(words) && 2 * words.size() >= others.size();
    }

    private static List<String> those(Collection<String> known, Predicate<String> near, Comparator<String> order) {
        List<String> found = known.stream().filter(near).sorted(order).toList();
        return found.size() > MOST ? List.of() : found;
    }

    /** Without what keys and variables have in common, and without what is written between words. */
    private static String letters(String key) {
        return String.join("", parts(key));
    }

    private static Set<String> words(String key) {
        return Arrays.stream(parts(key)).filter(word -> !word.isEmpty()).collect(Collectors.toSet());
    }

    private static String[] parts(String key) {
        return key.toLowerCase(Locale.ROOT)
                .replaceFirst("^lastref([._-]|$)", "")
                .split("[._-]", -1);
    }
}
