package dev.lastref.http.admin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Whether clients are to be sent here, and if not, what is waited for: what {@code GET /health/ready} says. */
public enum Readiness {
    READY("ready"),
    /** The ports are open; what is behind them is not all there. */
    STARTING("not ready: starting"),
    /** For {@code lastref.ready.origin} of once and always. */
    ORIGIN_UNANSWERED("not ready: no origin has answered yet (lastref.ready.origin)"),
    /** For {@code lastref.ready.origin} of always. */
    ORIGIN_DOWN("not ready: every origin is down (lastref.ready.origin=always)"),
    /** It was told to end, and goes on for those who have not noticed. */
    DRAINING("not ready: draining, it was told to end");

    private final String text;

    Readiness(String text) {
        this.text = text;
    }

    /** In one line. */
    String text() {
        return text;
    }

    /** For each thing that can be waited for, 1 if it is. */
    public Map<String, Double> waitedFor() {
        Map<String, Double> all = new LinkedHashMap<>();
        for (Readiness each : values()) {
            if (each != READY) {
                all.put(each.name().toLowerCase(Locale.ROOT), each == this ? 1.0 : 0.0);
            }
        }
        return all;
    }
}
