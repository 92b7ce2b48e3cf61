package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Programs;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard and the alert rules under samples/monitoring, held against what a sidecar really shows. */
class MonitoringFilesTest extends SidecarTest {
    private static final Path FILES = Path.of("../samples/monitoring");
    private static final Pattern METRIC = Pattern.compile("\\b(lastref|jvm|process)_[a-z0-9_]+\\b");

    @TempDir
    Path directory;

    private static Set<String> namesIn(String text) {
        Set<String> names = new TreeSet<>();
        Matcher found = METRIC.matcher(text);
        while (found.find()) {
            names.add(found.group());
        }
        return names;
    }

    /** Names of samples, so with _total, _bucket and so on. */
    private Set<String> shown() throws IOException {
        return sidecar.admin("/metrics")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[ {]", 2)[0])
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"grafana-dashboard.json", "alerts.yml", "alerts-test.yml"})
    void everyMetricThatTheyUseIsShownByASidecarThatHasJustStarted(String file) throws Exception {
        start();
        Set<String> used = namesIn(Files.readString(FILES.resolve(file)));
        assertThat(used).hasSizeGreaterThan(5);
        assertThat(shown()).containsAll(used);
    }

    @Test
    void theDashboardsPanelsAreWholeAndDoNotOverlap() throws Exception {
        JsonNode dashboard = new JsonMapper().readTree(Files.readString(FILES.resolve("grafana-dashboard.json")));
        Set<Integer> ids = new HashSet<>();
        Set<String> cells = new HashSet<>();
        for (JsonNode panel : dashboard.get("panels")) {
            assertThat(ids.add(panel.get("id").asInt())).as("id of %s", panel).isTrue();
            JsonNode at = panel.get("gridPos");
            assertThat(at.get("x").asInt() + at.get("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = at.get("x").asInt();
                    x < at.get("x").asInt() + at.get("w").asInt();
                    x++) {
                for (int y = at.get("y").asInt();
                        y < at.get("y").asInt() + at.get("h").asInt();
                        y++) {
                    assertThat(cells.add(x + "," + y))
                            .as("%s overlaps", panel.get("title"))
                            .isTrue();
                }
            }
            if (!panel.get("type").asString().equals("row")) {
                assertThat(panel.get("targets")).isNotEmpty();
                for (JsonNode target : panel.get("targets")) {
                    assertThat(target.get("expr").asString()).contains("instance=~\"$instance\"");
                }
            }
        }
        assertThat(ids).hasSizeGreaterThan(15);
    }

    @Test
    void prometheusTakesTheRulesAndTheyRaiseWhatTheyShould() throws Exception {
        Requires.command("promtool");
        try (Programs programs = new Programs(directory)) {
            assertThat(programs.run(
                            "promtool",
                            "check",
                            "rules",
                            FILES.resolve("alerts.yml").toString()))
                    .contains("SUCCESS");
            assertThat(programs.run(
                            "promtool",
                            "test",
                            "rules",
                            FILES.resolve("alerts-test.yml").toString()))
                    .contains("SUCCESS");
        }
    }

    /** As a linter of Prometheus would: names, HELP texts, no label that clients choose. */
    @Test
    void prometheusFindsNothingWrongWithTheMetrics() throws Exception {
        Requires.command("promtool");
        start();
        Path page = Files.writeString(directory.resolve("metrics"), sidecar.admin("/metrics"));
        try (Programs programs = new Programs(directory)) {
            // What it says of the JVM's own metrics is not ours to mend; _created is the client library's.
            String said = programs.run("sh", "-c", "promtool check metrics < " + page + " || [ $? -eq 3 ]");
            assertThat(said.lines().filter(line -> line.startsWith("lastref_") && !line.contains("_created")))
                    .isEmpty();
        }
    }

    @Test
    void everyPanelsExpressionIsPromQl() throws Exception {
        Requires.command("promtool");
        StringBuilder rules = new StringBuilder("groups:\n  - name: panels\n    rules:\n");
        int number = 0;
        JsonNode dashboard = new JsonMapper().readTree(Files.readString(FILES.resolve("grafana-dashboard.json")));
        for (JsonNode panel : dashboard.get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String expression = target.get("expr").asString().replace("$__rate_interval", "1m");
                rules.append("      - record: panel:")
                        .append(number++)
                        .append("\n        expr: '")
                        .append(expression)
                        .append("'\n");
            }
        }
        Path file = Files.writeString(directory.resolve("panels.yml"), rules);
        try (Programs programs = new Programs(directory)) {
            assertThat(programs.run("promtool", "check", "rules", file.toString()))
                    .contains(number + " rules found");
        }
    }
}
