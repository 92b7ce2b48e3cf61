package dev.lastref.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.DescriptorBudget;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What is under samples/deploy, as far as it can be checked without a container runtime. */
class DeployTest {
    private static final Path DIRECTORY = Path.of("deploy").toAbsolutePath().normalize();
    private static final int MIB = 1 << 20;
    /** As of {@code MemoryBudget}: the JVM's own and the sockets. */
    private static final long ALLOWANCES = 144;

    private static String read(String name) throws IOException {
        return Files.readString(DIRECTORY.resolve(name));
    }

    private static List<Map<String, Object>> documents(String name) throws IOException {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(strict)).loadAll(read(name))) {
            documents.add(map(document));
        }
        return documents;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object node) {
        return (List<Object>) node;
    }

    private static Map<String, Object> sidecar() throws IOException {
        Map<String, Object> spec = map(documents("kubernetes.yaml").get(0).get("spec"));
        return map(list(spec.get("initContainers")).get(0));
    }

    private static SidecarConfig settings(Map<String, Object> container) {
        Map<String, String> environment = new HashMap<>();
        for (Object each : list(container.get("env"))) {
            environment.put((String) map(each).get("name"), (String) map(each).get("value"));
        }
        return ConfigLoader.load(null, environment, Map.of());
    }

    /** The JVM's bounds in the image, in MiB. */
    private static long bounds(String text) {
        Matcher heap = Pattern.compile("-Xmx(\\d+)m").matcher(text);
        Matcher direct = Pattern.compile("-XX:MaxDirectMemorySize=(\\d+)m").matcher(text);
        assertThat(heap.find() && direct.find()).as(text).isTrue();
        return Long.parseLong(heap.group(1)) + Long.parseLong(direct.group(1));
    }

    @Test
    void theSidecarIsANativeOneWhoseSettingsAreKnown() throws IOException {
        Map<String, Object> sidecar = sidecar();
        assertThat(sidecar.get("restartPolicy")).isEqualTo("Always");
        SidecarConfig settings = settings(sidecar);
        assertThat(settings.poolSize()).isEqualTo(256L * MIB);
        Map<String, Object> spec = map(documents("kubernetes.yaml").get(0).get("spec"));
        assertThat(spec.get("enableServiceLinks")).isEqualTo(false);
        assertThat((Integer) spec.get("terminationGracePeriodSeconds"))
                .as("longer than the delay and the grace together")
                .isGreaterThan((int)
                        settings.shutdownDelay().plus(settings.shutdownGrace()).toSeconds());
    }

    @Test
    void whatTheProcessMayUseFitsItsLimit() throws IOException {
        Map<String, Object> sidecar = sidecar();
        Object limit = map(map(sidecar.get("resources")).get("limits")).get("memory");
        long pool = settings(sidecar).poolSize() / MIB;
        assertThat(limit).isEqualTo(pool + bounds(read("Dockerfile")) + ALLOWANCES + "Mi");
        assertThat(map(map(sidecar.get("resources")).get("requests")).get("memory"))
                .as("what is charged for good is asked for")
                .isEqualTo(limit);
        Map<String, Object> compose = map(
                map(documents("compose/compose.yaml").get(0).get("services")).get("lastref"));
        assertThat(compose.get("mem_limit")).isEqualTo("528m");
        String unit = read("lastref.service");
        assertThat(unit).contains("MemoryMax=" + (256 + bounds(unit) + ALLOWANCES) + "M\n");
    }

    @Test
    void whatTheProcessMayOpenFitsItsLimit() throws IOException {
        Matcher unit = Pattern.compile("(?m)^LimitNOFILE=(\\d+)$").matcher(read("lastref.service"));
        assertThat(unit.find()).isTrue();
        SidecarConfig plain = ConfigLoader.load(null, Map.of("LASTREF_ORIGIN", "http://127.0.0.1:8081"), Map.of());
        assertThat(Long.parseLong(unit.group(1)))
                .isGreaterThanOrEqualTo(
                        DescriptorBudget.of(plain, Long.MAX_VALUE).needed());
        Map<String, Object> compose = map(
                map(documents("compose/compose.yaml").get(0).get("services")).get("lastref"));
        assertThat((Integer) map(compose.get("ulimits")).get("nofile")).isGreaterThanOrEqualTo((int)
                DescriptorBudget.of(plain, Long.MAX_VALUE).needed());
    }

    @Test
    void everyContainerIsRestricted() throws IOException {
        Map<String, Object> spec = map(documents("kubernetes.yaml").get(0).get("spec"));
        Map<String, Object> pod = map(spec.get("securityContext"));
        assertThat(pod.get("runAsNonRoot")).isEqualTo(true);
        assertThat((Integer) pod.get("runAsUser")).isPositive();
        assertThat(map(pod.get("seccompProfile")).get("type")).isEqualTo("RuntimeDefault");
        assertThat(spec).doesNotContainKeys("hostNetwork", "hostPID", "hostIPC");
        assertThat(list(spec.get("volumes"))).allMatch(volume -> map(volume).containsKey("secret"));
        SidecarConfig settings = settings(sidecar());
        assertThat(settings.admin().getAddress().isLoopbackAddress() || settings.adminTokenFile() != null)
                .as("who reaches the administration port from outside needs a token")
                .isTrue();
        List<Object> containers = new ArrayList<>(list(spec.get("initContainers")));
        containers.addAll(list(spec.get("containers")));
        assertThat(containers).hasSize(2);
        for (Object each : containers) {
            Map<String, Object> context = map(map(each).get("securityContext"));
            assertThat(context.get("allowPrivilegeEscalation")).isEqualTo(false);
            assertThat(context.get("readOnlyRootFilesystem")).isEqualTo(true);
            assertThat(map(context.get("capabilities")).get("drop")).isEqualTo(List.of("ALL"));
            assertThat(map(context.get("capabilities"))).doesNotContainKey("add");
        }
    }

    @Test
    void probesAskForPathsOnTheAdministrationPort() throws IOException {
        Map<String, Object> sidecar = sidecar();
        Map<String, Object> ports = new HashMap<>();
        for (Object port : list(sidecar.get("ports"))) {
            ports.put((String) map(port).get("name"), map(port).get("containerPort"));
        }
        SidecarConfig settings = settings(sidecar);
        assertThat(ports.get("admin")).isEqualTo(settings.admin().getPort());
        assertThat(ports.get("http")).isEqualTo(settings.listen().getPort());
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            Map<String, Object> get = map(map(sidecar.get(probe)).get("httpGet"));
            assertThat(get.get("port")).isEqualTo("admin");
            assertThat(get.get("path")).isEqualTo(probe.equals("readinessProbe") ? "/health/ready" : "/health/live");
        }
        assertThat(map(documents("kubernetes.yaml").get(1).get("spec")).get("selector"))
                .isEqualTo(
                        map(documents("kubernetes.yaml").get(0).get("metadata")).get("labels"));
    }

    @Test
    void composeBuildsWhatIsHere() throws IOException {
        Map<String, Object> services =
                map(documents("compose/compose.yaml").get(0).get("services"));
        assertThat(services).containsOnlyKeys("application", "lastref", "prometheus", "grafana");
        for (String name : List.of("application", "lastref")) {
            Map<String, Object> build = map(map(services.get(name)).get("build"));
            Path context = DIRECTORY
                    .resolve("compose")
                    .resolve((String) build.get("context"))
                    .normalize();
            assertThat(context.resolve((String) build.get("dockerfile"))).exists();
            assertThat(context.resolve("pom.xml")).exists();
        }
        Map<String, String> environment = new HashMap<>();
        map(map(services.get("lastref")).get("environment"))
                .forEach((key, value) -> environment.put(key, String.valueOf(value)));
        assertThat(ConfigLoader.load(null, environment, Map.of()).origins().toString())
                .contains("application:8081");
        assertThat(documents("compose/prometheus.yml").get(0)).containsKey("scrape_configs");
    }

    @Test
    void composeShowsNothingBeyondTheMachineThatItRunsOn() throws IOException {
        Map<String, Object> services =
                map(documents("compose/compose.yaml").get(0).get("services"));
        int ports = 0;
        for (Object service : services.values()) {
            for (Object port : list(map(service).getOrDefault("ports", List.of()))) {
                assertThat((String) port).startsWith("127.0.0.1:");
                ports++;
            }
        }
        assertThat(ports).isEqualTo(4);
    }

    /** Where a file is mounted, for a service of compose; each must be there. */
    private static Map<String, Path> mounts(String service) throws IOException {
        Map<String, Path> mounts = new HashMap<>();
        Map<String, Object> services =
                map(documents("compose/compose.yaml").get(0).get("services"));
        for (Object volume : list(map(services.get(service)).get("volumes"))) {
            String[] parts = ((String) volume).split(":");
            assertThat(parts).as("%s", volume).hasSize(3).endsWith("ro");
            Path file = DIRECTORY.resolve("compose").resolve(parts[0]).normalize();
            assertThat(file).isRegularFile();
            mounts.put(parts[1], file);
        }
        return mounts;
    }

    @Test
    void grafanaShowsTheDashboardOfWhatPrometheusScrapes() throws IOException {
        Map<String, Path> grafana = mounts("grafana");
        Map<String, Object> provider =
                map(list(documents("compose/grafana/dashboards.yml").get(0).get("providers"))
                        .get(0));
        String dashboards = (String) map(provider.get("options")).get("path");
        assertThat(grafana.get(dashboards + "/lastref.json")).hasFileName("grafana-dashboard.json");
        assertThat(grafana).containsKey("/etc/grafana/provisioning/dashboards/lastref.yml");
        assertThat(grafana).containsKey("/etc/grafana/provisioning/datasources/lastref.yml");
        Map<String, Object> services =
                map(documents("compose/compose.yaml").get(0).get("services"));
        assertThat(map(map(services.get("grafana")).get("environment")))
                .containsEntry("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", dashboards + "/lastref.json");
        Map<String, Object> source =
                map(list(documents("compose/grafana/datasource.yml").get(0).get("datasources"))
                        .get(0));
        assertThat(source).containsEntry("type", "prometheus").containsEntry("url", "http://prometheus:9090");
        assertThat(services).containsKey("prometheus");
    }

    @Test
    void prometheusReadsItsConfigurationAndTheRules(@TempDir Path directory) throws Exception {
        Requires.command("promtool");
        for (Map.Entry<String, Path> mount : mounts("prometheus").entrySet()) {
            Files.copy(
                    mount.getValue(),
                    directory.resolve(Path.of(mount.getKey()).getFileName().toString()));
        }
        Process check = new ProcessBuilder(
                        "promtool",
                        "check",
                        "config",
                        directory.resolve("prometheus.yml").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes());
        assertThat(check.waitFor()).as(said).isZero();
        assertThat(said).contains("1 rule files found").containsPattern(" [1-9]\\d* rules found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile", "Dockerfile.demo"})
    void whatImagesCopyIsThere(String name) throws IOException {
        List<String> lines = read(name).lines().toList();
        assertThat(lines).anyMatch(line -> line.startsWith("USER 65532"));
        Path root = DIRECTORY.resolve("../..").normalize();
        lines.stream()
                .filter(line -> line.startsWith("COPY ") && !line.contains("--from"))
                .forEach(line -> assertThat(root.resolve(line.split(" ")[1])).exists());
        // A line that goes on ends with a backslash, and the last of them does not.
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).endsWith("\\")) {
                assertThat(lines.get(i + 1)).as("line %d", i + 2).startsWith(" ");
            }
        }
    }

    @Test
    void systemdUnderstandsTheUnit() throws Exception {
        Requires.command("systemd-analyze");
        Requires.that(Files.isExecutable(Path.of("/usr/bin/java")), "/usr/bin/java, which the unit starts");
        Process verify = new ProcessBuilder(
                        "systemd-analyze",
                        "verify",
                        "--man=no",
                        DIRECTORY.resolve("lastref.service").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes());
        assertThat(verify.waitFor()).as(said).isZero();
        assertThat(said).doesNotContain("lastref.service:");
    }
}
