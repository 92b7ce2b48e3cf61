package dev.lastref.bench.scale;

import java.util.List;
import java.util.Locale;

/** What grows, and through which values. */
enum Sweep {
    /** All equally likely to be asked for, 1 KiB each, over 32 connections. */
    ENTRIES("entries"),
    /** Each with one request after the other, for one entry. */
    CONNECTIONS("connections"),
    /** Beside 32 connections that are not slow. */
    SLOW_READERS("slow readers");

    private final String title;

    Sweep(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    List<Integer> steps() {
        return switch (this) {
            case ENTRIES -> List.of(1_000, 10_000, 100_000, 1_000_000);
            case CONNECTIONS -> List.of(10, 100, 1_000, 10_000);
            case SLOW_READERS -> List.of(0, 20, 200, 2_000);
        };
    }

    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException with the names there are */
    static Sweep named(String option) {
        StringBuilder names = new StringBuilder();
        for (Sweep sweep : values()) {
            if (sweep.option().equals(option)) {
                return sweep;
            }
            names.append(names.isEmpty() ? "" : ", ").append(sweep.option());
        }
        throw new IllegalArgumentException("there is no sweep '" + option + "', expected one of " + names);
    }
}
