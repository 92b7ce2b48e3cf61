package dev.lastref.http.config;

/** A text that does not fit, of which more can be said than what is expected of any. */
final class Unfit extends IllegalArgumentException {
    private final String expected;

    /**
     * @param expected the end of a sentence, for whoever has set it
     */
    Unfit(String expected) {
        super(expected);
        this.expected = expected;
    }

    String expected() {
        return expected;
    }
}
