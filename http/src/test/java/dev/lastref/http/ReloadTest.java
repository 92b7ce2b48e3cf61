package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A sidecar in a process of its own, whose file changes while it runs. */
class ReloadTest {
    private static final Pattern STARTED =
            Pattern.compile("lastref: http://127.0.0.1:(\\d+) -> .*administration on http://127.0.0.1:(\\d+)");

    @TempDir
    Path directory;

    private Path file;
    private Path output;
    private Programs programs;
    private Process process;
    private InetSocketAddress clients;
    private InetSocketAddress admin;

    @BeforeEach
    void start() throws Exception {
        file = directory.resolve("lastref.properties");
        output = directory.resolve("output");
        programs = new Programs(directory);
        write("lastref.pool.size = 16MiB");
        // Whoever runs the tests may have had SIGHUP ignored, as nohup does, and children inherit that.
        process = programs.sidecarUnder(
                java.util.List.of("env", "--default-signal=HUP"),
                output,
                "--config=" + file,
                "--origin=http://127.0.0.1:1",
                "--listen=127.0.0.1:0",
                "--admin=127.0.0.1:0",
                "-Dlastref.cache.keep=1m");
        Matcher[] found = new Matcher[1];
        await().atMost(java.time.Duration.ofSeconds(60)).until(() -> {
            found[0] = STARTED.matcher(Programs.printed(output));
            return found[0].find();
        });
        clients = new InetSocketAddress("127.0.0.1", Integer.parseInt(found[0].group(1)));
        admin = new InetSocketAddress("127.0.0.1", Integer.parseInt(found[0].group(2)));
    }

    @AfterEach
    void stop() {
        programs.close();
    }

    private void write(String... lines) throws Exception {
        Files.write(file, java.util.List.of(lines));
    }

    private void hangUp() throws Exception {
        programs.run("kill", "-HUP", Long.toString(process.pid()));
    }

    private String value(String key) {
        try {
            String body = new String(RawClient.get(admin, "/api/config").body(), StandardCharsets.UTF_8);
            return new JsonMapper().readTree(body).get(key).get("value").asString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private long target() throws Exception {
        String body = new String(RawClient.get(admin, "/api/pool").body(), StandardCharsets.UTF_8);
        return new JsonMapper().readTree(body).get("target").asLong();
    }

    @Test
    void sighupReadsTheFileAgain() throws Exception {
        write("lastref.pool.size = 24MiB", "lastref.cache.keep = 2m");
        hangUp();
        await().until(() -> target() == 24 << 20);
        // The command line still wins.
        assertThat(value("lastref.cache.keep")).isEqualTo("1m");
        await().until(() -> Programs.printed(output).contains("SIGHUP: lastref.pool.size = 24MiB"));
    }

    @Test
    void aFileThatCannotBeUsedChangesNothingAndTheLogSaysWhy() throws Exception {
        write("lastref.pool.size = 24MiB", "lastref.cache.max-object = big");
        hangUp();
        await().until(() -> Programs.printed(output)
                .contains("nothing is changed: lastref.cache.max-object = \"big\" (" + file + ")"));
        assertThat(target()).isEqualTo(16 << 20);
        assertThat(process.isAlive()).isTrue();

        write("lastref.pool.size = 24MiB", "lastref.pool.backing = directory");
        hangUp();
        await().until(() -> Programs.printed(output)
                .contains("lastref.pool.backing = \"directory\" (" + file + "): expected no change while running"));
        assertThat(target()).isEqualTo(16 << 20);
        assertThat(value("lastref.pool.size")).isEqualTo("16MiB");
    }

    @Test
    void whatIsPutChangesOnlyWhatItNamesWhateverTheFileSaysByThen() throws Exception {
        write("lastref.pool.size = 24MiB"); // and nobody has asked for it
        assertThat(put("{\"lastref.log.level\":\"warning\"}"))
                .isEqualTo("{\"changed\":{\"lastref.log.level\":\"warning\"}}\n");
        assertThat(target()).isEqualTo(16 << 20);

        write("lastref.pool.size = 24MiB", "lastref.pool.backing = directory");
        assertThat(RawClient.ask(admin, "POST", "/api/reload").status()).isEqualTo(400);
        assertThat(put("{\"lastref.cache.keep\":\"3m\"}")).isEqualTo("{\"changed\":{\"lastref.cache.keep\":\"3m\"}}\n");
        assertThat(target()).isEqualTo(16 << 20);

        write("lastref.typo = 1");
        assertThat(put("{\"lastref.pool.size\":\"20MiB\"}"))
                .isEqualTo("{\"changed\":{\"lastref.pool.size\":\"20MiB\"}}\n");
        Files.delete(file);
        assertThat(put("{\"lastref.pool.size\":null}")).isEqualTo("{\"changed\":{\"lastref.pool.size\":\"16MiB\"}}\n");
    }

    @Test
    void whatHoldsAnywayAndCannotChangeIsNotHiddenByBeingPut() throws Exception {
        assertThat(put("{\"lastref.pool.backing\":\"memfd\"}")).isEqualTo("{\"changed\":{}}\n");
        assertThat(RawClient.get(admin, "/api/config").body()).asString().doesNotContain("PUT /api/config");
        write("lastref.pool.backing = directory");
        Response refused = RawClient.ask(admin, "POST", "/api/reload");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains("lastref.pool.backing = \"directory\"");
    }

    @Test
    void anEditOfTheFileThatHasNoEffectIsToldAtEachReload() throws Exception {
        put("{\"lastref.pool.size\":\"20MiB\"}");
        write("lastref.pool.size = 24MiB", "lastref.cache.keep = 2m", "lastref.log.level = debug");
        hangUp();
        await().until(() -> Programs.printed(output)
                .contains("SIGHUP: lastref.log.level = debug"
                        + "; what the file says of lastref.cache.keep is hidden by command line"
                        + "; what the file says of lastref.pool.size is hidden by PUT /api/config"));
        assertThat(target()).isEqualTo(20 << 20);

        write("lastref.pool.size = 28MiB", "lastref.cache.keep = 2m", "lastref.log.level = debug");
        Response done = RawClient.ask(admin, "POST", "/api/reload");
        assertThat(done.body())
                .asString()
                .isEqualTo("{\"changed\":{},\"hidden\":{\"lastref.cache.keep\":\"command line\","
                        + "\"lastref.pool.size\":\"PUT /api/config\"}}\n");
        hangUp();
        await().until(() -> Programs.printed(output)
                .contains("SIGHUP: no setting has changed"
                        + "; what the file says of lastref.cache.keep is hidden by command line"
                        + "; what the file says of lastref.pool.size is hidden by PUT /api/config"));
        write("lastref.pool.size = 20MiB", "lastref.log.level = debug");
        assertThat(RawClient.ask(admin, "POST", "/api/reload").body())
                .as("what holds anyway is not hidden, and neither is what is there no more")
                .asString()
                .isEqualTo("{\"changed\":{},\"hidden\":{\"lastref.cache.keep\":\"command line\"}}\n");
        assertThat(RawClient.ask(admin, "POST", "/api/reload").body())
                .as("the file says of it what it said at the start")
                .asString()
                .isEqualTo("{\"changed\":{}}\n");
        assertThat(put("{\"lastref.pool.size\":null}")).isEqualTo("{\"changed\":{}}\n");
    }

    @Test
    void whatMeansTheSameIsNeitherHiddenNorAChange() throws Exception {
        put("{\"lastref.pool.size\":\"20MiB\"}");
        write("lastref.pool.size = 20480k", "lastref.cache.keep = 60s", "lastref.listen.http2 = TRUE");
        assertThat(RawClient.ask(admin, "POST", "/api/reload").body())
                .asString()
                .isEqualTo("{\"changed\":{}}\n");
        assertThat(put("{\"lastref.pool.size\":\"20971520\"}")).isEqualTo("{\"changed\":{}}\n");
        assertThat(target()).isEqualTo(20 << 20);
    }

    /** As after a rotation: whatever the file says by then, nothing may go to what was moved away. */
    @Test
    void theAccessLogIsOpenedAnewThoughTheFileCannotBeTaken() throws Exception {
        Path log = directory.resolve("access.log");
        write("lastref.access-log = " + log);
        hangUp();
        await().until(() -> Files.exists(log));

        write("lastref.access-log = " + log, "lastref.pool.backing = directory");
        Path first = directory.resolve("access.log.1");
        Files.move(log, first);
        hangUp();
        await().until(() -> Files.exists(log));
        await().until(() -> Programs.printed(output)
                .contains("restart with it; the access log is opened anew all the same: " + log));
        RawClient.get(clients, "/after-the-first");
        await().until(() -> Files.readString(log).contains("/after-the-first"));
        assertThat(first).content().doesNotContain("/after-the-first");

        Files.delete(file);
        Path second = directory.resolve("access.log.2");
        Files.move(log, second);
        Response refused = RawClient.ask(admin, "POST", "/api/reload");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body())
                .asString()
                .contains("cannot read the configuration file", "; the access log is opened anew all the same: " + log);
        RawClient.get(clients, "/after-the-second");
        await().until(() -> Files.exists(log) && Files.readString(log).contains("/after-the-second"));
        assertThat(second).content().doesNotContain("/after-the-second");

        write("lastref.access-log = " + directory.resolve("missing/access.log"));
        Files.move(log, directory.resolve("access.log.3"));
        hangUp();
        await().until(() ->
                Programs.printed(output).contains("missing/access.log (No such file or directory); the access"));
        RawClient.get(clients, "/after-the-third");
        await().until(() -> Files.exists(log) && Files.readString(log).contains("/after-the-third"));
    }

    @Test
    void anAccessLogThatCannotBeOpenedAnewIsToldAndGoesOnAsItIs() throws Exception {
        Path logs = Files.createDirectory(directory.resolve("logs"));
        Path log = logs.resolve("access.log");
        write("lastref.access-log = " + log);
        hangUp();
        await().until(() -> Files.exists(log));

        Path away = directory.resolve("away");
        Files.move(logs, away);
        write("lastref.access-log = " + log, "lastref.pool.backing = directory");
        Response refused = RawClient.ask(admin, "POST", "/api/reload");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body())
                .asString()
                .contains("lastref.pool.backing", "; cannot write the access log: " + log)
                .doesNotContain("opened anew");
        RawClient.get(clients, "/after");
        await().until(() -> Files.readString(away.resolve("access.log")).contains("/after"));
    }

    private String put(String body) throws Exception {
        try (RawClient client = RawClient.connect(admin)) {
            client.send(
                    "PUT /api/config HTTP/1.1\r\nHost: test\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            return new String(client.response("PUT").body(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whoCannotSendSignalsAsksTheAdministrationPort() throws Exception {
        write("lastref.pool.size = 24MiB");
        Response done = RawClient.ask(admin, "POST", "/api/reload");
        assertThat(done.status()).isEqualTo(200);
        assertThat(done.body()).asString().isEqualTo("{\"changed\":{\"lastref.pool.size\":\"24MiB\"}}\n");
        assertThat(target()).isEqualTo(24 << 20);

        write("lastref.pool.siez = 24MiB");
        Response refused = RawClient.ask(admin, "POST", "/api/reload");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains("lastref.pool.siez", "the nearest is lastref.pool.size");
        assertThat(target()).isEqualTo(24 << 20);
    }
}
