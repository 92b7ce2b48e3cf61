package dev.lastref.http.config;

import dev.lastref.http.config.ConfigLoader.Demand;
import dev.lastref.http.config.Configuration.Effective;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a running sidecar, and how they change: all that were asked for together, or none. Any thread, one change at a time.
 */
public final class RunningSettings {
    /** A part of the sidecar that can take other settings while it runs. */
    @FunctionalInterface
    public interface Part {
        /**
         * Gets ready for other settings, without changing anything yet.
         *
         * @throws IOException if it cannot take them
         * @throws ConfigException likewise
         */
        Step prepare(SidecarConfig next) throws IOException;

        /**
         * A reload could not be taken, and the settings stay. Renews all the same what each reload renews: a log file that was moved away is to
         * be opened anew whatever the settings say.
         *
         * @return the end of a sentence about what was renewed; null: nothing
         * @throws IOException if it cannot be; it goes on with what it has
         */
        default @Nullable String renew() throws IOException {
            return null;
        }
    }

    /** What a part has got ready. */
    @FunctionalInterface
    public interface Step {
        /** Takes the settings. Must not fail, unless it is the first of all, which may still refuse with a {@link ConfigException}. */
        void take();

        /** Another part could not; gives up what was got ready. */
        default void drop() {}
    }

    /** Told of each attempt, for metrics. */
    @FunctionalInterface
    public interface Observer {
        void changed(boolean applied);
    }

    /**
     * What came of wanting other settings.
     *
     * @param changed the settings that have other values now
     * @param hidden by key, those of which the file, read again, says something else than at the start or at the last reload, and in vain:
     *     the source whose value holds
     */
    public record Changes(Map<String, Effective> changed, Map<String, String> hidden) {
        /** For a line of the log. */
        public String told() {
            String values = changed.entrySet().stream()
                    .map(change -> change.getKey() + " = " + change.getValue().value())
                    .collect(Collectors.joining(", "));
            // What somebody has edited in vain.
            String inVain = hidden.entrySet().stream()
                    .map(each -> "; what the file says of " + each.getKey() + " is hidden by " + each.getValue())
                    .collect(Collectors.joining());
            return (values.isEmpty() ? "no setting has changed" : values) + inVain;
        }
    }

    private static final Effective NOT_SET = new Effective("", "not set", "");

    private final List<Part> parts = new ArrayList<>();
    private final Observer observer;
    private final Configuration started;
    private volatile Configuration current;

    public RunningSettings(Configuration started, Observer observer) {
        this.started = started;
        this.current = started;
        this.observer = observer;
    }

    /** Has a part take what changes. Those added first take it first. */
    public synchronized void add(Part part) {
        parts.add(part);
    }

    /** What holds now. */
    public Configuration current() {
        return current;
    }

    /**
     * Sets values that win over all other sources, until the process ends. The file is not read for it: what somebody is writing there is
     * neither applied nor in the way.
     *
     * @param values full keys and values, each as in a file; null: what was put for this key holds no longer
     * @return what changed by it
     * @throws ConfigException if one of them is not known, cannot change or cannot be used; then none is changed
     */
    public synchronized Changes put(Map<String, @Nullable String> values) {
        return new Changes(
                change(allowed ->
                        ConfigLoader.read(current.sources().withPut(merged(values)), current.inFile(), allowed)),
                Map.of());
    }

    private Map<String, String> merged(Map<String, @Nullable String> values) {
        Map<String, String> put = new LinkedHashMap<>(current.sources().put());
        values.forEach((key, value) -> {
            if (value != null && holdsAlready(key, value)) {
                put.remove(key);
            } else if (value != null) {
                put.put(key, value);
            } else if (Setting.ofKey(key).isPresent() || Rules.isKey(key)) {
                put.remove(key);
            } else {
                put.put(key, "null"); // refused with whatever else is unknown
            }
        });
        return put;
    }

    /** What cannot change would be hidden by it: a file that says something else was not refused any more. */
    private boolean holdsAlready(String key, String value) {
        Setting setting = Setting.ofKey(key).orElse(null);
        return setting != null
                && setting.change() == Change.AT_START
                && current.meanings().areAlike(key, current.of(setting).value(), value);
    }

    /**
     * Reads the file again.
     *
     * @return what changed
     * @throws ConfigException if it cannot be used, or names a change that cannot be made; then nothing is changed, and parts have renewed
     *     what they renew at each reload
     */
    public synchronized Changes reload() {
        Configuration before = current;
        try {
            Map<String, Effective> changed = change(allowed -> ConfigLoader.reread(before.sources(), allowed));
            return new Changes(changed, current.hiddenSince(started, before));
        } catch (ConfigException e) {
            throw e.and(renew());
        } catch (RuntimeException | Error e) { // ours to mend, and no reason to lose a log
            renew();
            throw e;
        }
    }

    /** What each part says of it. */
    private List<String> renew() {
        List<String> told = new ArrayList<>();
        for (Part part : parts) {
            try {
                String renewed = part.renew();
                if (renewed != null) {
                    told.add(renewed);
                }
            } catch (IOException e) {
                told.add(e.getMessage() == null ? e.toString() : e.getMessage());
            }
        }
        return told;
    }

    private Map<String, Effective> change(Function<Demand, Configuration> read) {
        boolean applied = false;
        try {
            Configuration next = read.apply(this::refuseWhatIsFixed);
            Map<String, Effective> changes = differences(next);
            take(next.config());
            current = next;
            applied = true;
            return changes;
        } finally {
            observer.changed(applied);
        }
    }

    private Map<String, Effective> differences(Configuration next) {
        Map<String, Effective> changes = new LinkedHashMap<>();
        next.settings().forEach((setting, after) -> {
            if (differ(setting.key(), current.of(setting), after)) {
                changes.put(setting.key(), after);
            }
        });
        Set<String> ruleKeys = new TreeSet<>(current.rules().keySet());
        ruleKeys.addAll(next.rules().keySet());
        for (String key : ruleKeys) {
            Effective after = next.rules().getOrDefault(key, NOT_SET);
            if (differ(key, current.rules().getOrDefault(key, NOT_SET), after)) {
                changes.put(key, after);
            }
        }
        return changes;
    }

    private boolean differ(String key, Effective before, Effective after) {
        return !current.meanings().areAlike(key, before.value(), after.value());
    }

    /** Beside what cannot be used: whoever wants several that cannot be is told of all. */
    private void refuseWhatIsFixed(Configuration next, List<ConfigException> unusable) {
        differences(next).forEach((key, effective) -> {
            Setting setting = Setting.ofKey(key).orElse(null);
            Change change = setting == null ? Rules.settingOf(key).orElseThrow().change() : setting.change();
            if (change == Change.AT_START && next.meanings().canBe(key, effective.value())) {
                unusable.add(ConfigException.of(
                        key,
                        setting != null && setting.isSecret() ? "…" : effective.value(),
                        effective.source(),
                        "no change while running, because "
                                + (setting == null ? "what is stored is found by it" : setting.whyFixed())
                                + "; restart with it"));
            }
        });
    }

    /** Every part, whether something of it changed or not: a log file is opened anew at each reload. */
    private void take(SidecarConfig next) {
        Deque<Step> ready = new ArrayDeque<>();
        try {
            for (Part part : parts) {
                ready.add(part.prepare(next));
            }
            while (!ready.isEmpty()) {
                ready.element().take();
                ready.remove();
            }
        } catch (IOException e) {
            throw new ConfigException(e.getMessage() == null ? e.toString() : e.getMessage());
        } finally {
            ready.forEach(Step::drop);
        }
    }
}
