package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** nginx as the origin, the sidecar in a process of its own, and clients that others wrote. */
class RealPeersTest {
    private static final int[] SIZES = {0, 1, 1000, 8192, 65_536, 3_000_000};
    private static final Pattern ANNOUNCED = Pattern.compile("lastref: (http://\\S+:(\\d+)) .* on http://\\S+:(\\d+)");

    @TempDir
    private Path directory;

    private Programs programs;
    private Process sidecar;
    private String url;
    private InetSocketAddress admin;

    @BeforeEach
    void startBoth() throws Exception {
        Requires.command("nginx");
        Requires.command("curl");
        programs = new Programs(directory);
        Path files = Files.createDirectory(directory.resolve("files"));
        for (int size : SIZES) {
            Files.write(files.resolve(String.valueOf(size)), Content.of(size, size));
        }
        int port = startNginx(files);
        Path log = directory.resolve("sidecar.log");
        sidecar = programs.sidecar(
                log,
                "--origin",
                "http://127.0.0.1:" + port,
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "-Dlastref.pool.size=64MiB");
        await().until(() -> ANNOUNCED.matcher(Programs.printed(log)).find() || !sidecar.isAlive());
        Matcher announced = ANNOUNCED.matcher(Programs.printed(log));
        assertThat(announced.find()).as(Programs.printed(log)).isTrue();
        url = announced.group(1);
        admin = new InetSocketAddress("127.0.0.1", Integer.parseInt(announced.group(3)));
    }

    private int startNginx(Path files) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = directory.resolve("nginx.conf");
        Files.writeString(config, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/error.log;
                events { worker_connections 512; }
                http {
                  access_log %1$s/access.log; client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d;
                    location / { root %3$s; add_header Cache-Control max-age=60; }
                  }
                }
                """.formatted(directory, port, files));
        programs.start(
                directory.resolve("nginx.log"),
                List.of("nginx", "-c", config.toString(), "-e", directory.resolve("early.log") + ""));
        await().ignoreExceptions().until(() -> {
            new Socket("127.0.0.1", port).close();
            return true;
        });
        return port;
    }

    @AfterEach
    void stopAll() {
        if (programs != null) {
            programs.close();
        }
    }

    private double metric(String sample) throws IOException {
        String page = new String(RawClient.get(admin, "/metrics").body());
        Matcher found =
                Pattern.compile("(?m)^" + Pattern.quote(sample) + " (\\S+)$").matcher(page);
        assertThat(found.find()).as(page).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private double requests(String outcome) throws IOException {
        return metric("lastref_requests_total{outcome=\"" + outcome + "\",}");
    }

    @Test
    void curlGetsEveryFileRightFromTheOriginAndFromTheStore() throws Exception {
        for (int round = 0; round < 3; round++) {
            for (int size : SIZES) {
                Path got = directory.resolve("got");
                String head = programs.run("curl", "-sS", "-D", "-", "-o", got.toString(), url + "/" + size);
                assertThat(head).contains("200 OK").contains(round == 0 ? "fwd=uri-miss; stored" : "lastref; hit");
                assertThat(Files.readAllBytes(got)).as("%d bytes", size).isEqualTo(Content.of(size, size));
            }
        }
        assertThat(programs.run("curl", "-sSI", url + "/65536")).contains("Content-Length: 65536");
        assertThat(programs.run("curl", "-sS0", url + "/1000")).hasSize(1000);
        assertThat(programs.run("curl", "-sS", "-r", "10-19", url + "/1000")).hasSize(10);
        assertThat(programs.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", url + "/none"))
                .isEqualTo("404");
        // nginx writes the line when it is done with the request, which may be after the response is here. The range
        // came from the store.
        await().untilAsserted(() ->
                assertThat(Files.readAllLines(directory.resolve("access.log"))).hasSize(SIZES.length + 1));
    }

    @Test
    void loadFailsNoRequestAndIsHitsAlmostAll() throws Exception {
        Requires.command("wrk");
        Requires.command("h2load");
        for (int size : new int[] {1000, 65_536}) {
            String wrk = programs.run("wrk", "-t1", "-c32", "-d2s", url + "/" + size);
            assertThat(wrk)
                    .contains("Requests/sec")
                    .doesNotContain("Socket errors")
                    .doesNotContain("Non-2xx");
        }
        String h2load = programs.run("h2load", "--h1", "-n", "5000", "-c", "16", url + "/65536", url + "/8192");
        assertThat(h2load).contains("5000 succeeded, 0 failed, 0 errored, 0 timeout");

        double hits = requests("hit");
        double others = requests("miss") + requests("coalesced");
        assertThat(hits).isGreaterThan(5000);
        assertThat(hits / (hits + others)).isGreaterThan(0.95);
        assertThat(requests("miss")).isEqualTo(3);
        // nginx writes the line when it is done with the request, which may be after the response is here.
        await().untilAsserted(() ->
                assertThat(Files.readAllLines(directory.resolve("access.log"))).hasSize(3));
    }

    @Test
    void aHitNeverEntersTheJvm() throws Exception {
        Requires.command("strace");
        Requires.root();
        String large = url + "/3000000";
        programs.run("curl", "-sS", "-o", "/dev/null", large);
        Path trace = directory.resolve("trace");
        Path said = directory.resolve("strace.log");
        Process strace = programs.start(
                said,
                List.of(
                        "strace",
                        "-f",
                        "-y",
                        "-e",
                        "trace=sendfile,read,pread64,readv,preadv,splice,copy_file_range",
                        "-o",
                        trace.toString(),
                        "-p",
                        String.valueOf(sidecar.pid())));
        await().until(() -> Programs.printed(said).contains("attached") || !strace.isAlive());
        for (int i = 0; i < 5; i++) {
            Path early = directory.resolve("early");
            Path parsed = directory.resolve("parsed"); // with a field that takes it the long way
            programs.run(
                    ("curl -sS -o " + early + " " + large + " --next -sS -H Max-Forwards:9 -o " + parsed + " " + large)
                            .split(" "));
            assertThat(Files.readAllBytes(early)).isEqualTo(Content.of(3_000_000, 3_000_000));
            assertThat(Files.readAllBytes(parsed)).isEqualTo(Content.of(3_000_000, 3_000_000));
        }
        strace.destroy();
        strace.waitFor();
        assertThat(requests("hit")).isEqualTo(10);

        List<String> calls = joined(Files.readAllLines(trace)).stream()
                .filter(line -> line.contains("/memfd:lastref"))
                .toList();
        long sent = calls.stream()
                .filter(line -> line.contains(" sendfile("))
                .map(line -> line.replaceFirst(".* = ", ""))
                .filter(result -> result.matches("\\d+"))
                .mapToLong(Long::parseLong)
                .sum();
        // All but the bytes that went with the heads of those that the server had parsed.
        assertThat(sent).as(String.join("\n", calls)).isEqualTo(5 * (2 * 3_000_000 - 8192));
        // From JDK 21 on transferTo asks for copy_file_range first, which no socket takes (K11).
        assertThat(calls)
                .allMatch(line ->
                        line.contains(" sendfile(") || (line.contains(" copy_file_range(") && line.contains("EINVAL")));
    }

    /** A call during which another thread made one stands on two lines: {@code <unfinished ...>}, and {@code <... resumed>}. */
    private static List<String> joined(List<String> lines) {
        String unfinished = " <unfinished ...>";
        Map<String, String> begun = new HashMap<>();
        List<String> joined = new ArrayList<>();
        for (String line : lines) {
            String thread = line.substring(0, line.indexOf(' '));
            if (line.endsWith(unfinished)) {
                begun.put(thread, line.substring(0, line.length() - unfinished.length()));
            } else if (line.contains(" resumed>") && begun.containsKey(thread)) {
                joined.add(begun.remove(thread) + line.substring(line.indexOf(" resumed>") + " resumed>".length()));
            } else {
                joined.add(line);
            }
        }
        return joined;
    }

    @Test
    void sigtermEndsItInOrder() throws Exception {
        sidecar.destroy();

        assertThat(sidecar.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        assertThat(sidecar.exitValue())
                .as("status after a SIGTERM that was heeded")
                .isZero();
        assertThat(Programs.printed(directory.resolve("sidecar.log"))).doesNotContain("Exception");
    }
}
