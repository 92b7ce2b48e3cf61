package dev.lastref.http.config;

/** When a value that was changed while running takes effect. */
public enum Change {
    AT_ONCE("at once"),
    /** What exists keeps the value that it began with. */
    FROM_THEN_ON("for what begins after the change"),
    /** Refused while running. */
    AT_START("at the start only");

    private final String meaning;

    Change(String meaning) {
        this.meaning = meaning;
    }

    public String meaning() {
        return meaning;
    }
}
