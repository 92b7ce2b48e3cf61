package dev.lastref.samples.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.samples.HostPort;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DemoOriginTest {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private DemoOrigin origin;
    private URI base;

    @BeforeEach
    void start() throws IOException {
        origin = DemoOrigin.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        base = HostPort.toUri(origin.address());
    }

    @AfterEach
    void stop() {
        origin.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/, max-age=60, text/html; charset=utf-8",
        "/tiles/2/0/0.png, max-age=60, image/png",
        "/report.json, max-age=5, application/json",
        "/export.csv?rows=3, max-age=10, text/csv; charset=utf-8",
        "/catalog/10, max-age=1, application/json",
        "/catalog/19, max-age=10, application/json",
        "/blob/1?size=10&ttl=7, max-age=7, application/octet-stream",
        "/blob/1?size=10, max-age=30, application/octet-stream",
        "/clock, no-store, text/plain; charset=utf-8",
        "/private, private, text/plain; charset=utf-8",
        "/stats, no-store, application/json",
    })
    void saysOfEveryResourceHowLongItLivesAndWhatItIs(String path, String cacheControl, String contentType) {
        HttpResponse<byte[]> response = get(path);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Cache-Control")).isEqualTo(cacheControl);
        assertThat(header(response, "Content-Type")).isEqualTo(contentType);
        assertThat(header(response, "Date")).endsWith("GMT");
    }

    @Test
    void drawsATileThatDecodes() throws IOException {
        HttpResponse<byte[]> response = get("/tiles/2/1/1.png");

        BufferedImage image = ImageIO.read(new ByteArrayInputStream(response.body()));
        assertThat(image.getWidth()).isEqualTo(256);
        assertThat(image.getHeight()).isEqualTo(256);
        assertThat(header(response, "Content-Length")).isEqualTo(String.valueOf(response.body().length));
        byte[] rgb = Mandelbrot.render(2, 1, 1);
        for (int pixel = 0; pixel < 256 * 256; pixel += 17) {
            int expected = (rgb[3 * pixel] & 0xFF) << 16 | (rgb[3 * pixel + 1] & 0xFF) << 8 | rgb[3 * pixel + 2] & 0xFF;
            assertThat(image.getRGB(pixel % 256, pixel / 256) & 0xFFFFFF)
                    .as("pixel %s", pixel)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tiles/2/4/0.png",
                "/tiles/2/0/-1.png",
                "/tiles/33/0/0.png",
                "/tiles/-1/0/0.png",
                "/tiles/2/0/0.gif",
                "/tiles/2/0",
                "/nothing",
                "/clock/again",
                "/blob",
                "/blob/1/2"
            })
    void knowsNothingElse(String path) {
        HttpResponse<byte[]> response = get(path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
    }

    @ParameterizedTest
    @CsvSource({
        "/tiles/two/0/0.png, z is 'two'",
        "/tiles/2/0/x.png, y is 'x'",
        "/blob/-1, id is '-1'",
        "/blob/1?size=1e6, size is '1e6'",
        "/blob/1?size=268435457, from 0 to 268435456",
        "/blob/1?ttl=-1, ttl is '-1'",
        "/catalog/abc, id is 'abc'",
        "/export.csv?rows=, rows is ''",
    })
    void saysWhatIsWrongWithANumber(String path, String text) {
        HttpResponse<byte[]> response = get(path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(text(response)).contains(text, "expected a whole number");
    }

    @Test
    void reportsFiguresThatAddUp() {
        JsonNode report = json(get("/report.json"));

        long orders = 0;
        for (JsonNode region : report.get("regions")) {
            orders += region.get("orders").longValue();
            assertThat(region.get("median").doubleValue())
                    .isBetween(50.0, region.get("mean").doubleValue());
        }
        assertThat(orders).isEqualTo(Report.ROWS).isEqualTo(report.get("orders").longValue());
        assertThat(Instant.parse(report.get("generated").stringValue())).isBefore(Instant.now());
    }

    @Test
    void streamsATableOfUnknownLengthThatIsAlwaysTheSame() {
        HttpResponse<byte[]> response = get("/export.csv");

        assertThat(response.headers().firstValue("Content-Length")).isEmpty();
        assertThat(header(response, "Transfer-Encoding")).isEqualTo("chunked");
        assertThat(response.body()).hasSizeBetween(7_500_000, 8_500_000);
        assertThat(text(response).lines()).hasSize(150_001);
        assertThat(get("/export.csv").body()).isEqualTo(response.body());
        assertThat(text(response)).startsWith(text(get("/export.csv?rows=5000")));
    }

    @Test
    void keepsCatalogEntriesSmall() {
        for (long id : new long[] {0, 1, 999, Long.MAX_VALUE}) {
            HttpResponse<byte[]> response = get("/catalog/" + id);
            assertThat(response.body()).hasSizeBetween(150, 500);
            assertThat(json(response).get("id").longValue()).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 65_536, 65_537, 3_000_001})
    void sendsBlobsThatAClientCanVerify(int size) {
        HttpResponse<byte[]> response = get("/blob/42?size=" + size);

        assertThat(header(response, "Content-Length")).isEqualTo(String.valueOf(size));
        assertThat(response.body()).hasSize(size);
        assertThat(BlobBytes.firstDifference(42, 0, response.body())).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/tiles/1/0/0.png", "/export.csv?rows=9", "/catalog/3", "/blob/3"})
    void answersAConditionalRequestWithoutTheBody(String path) {
        String etag = header(get(path), "ETag");

        for (String condition : List.of(etag, "W/" + etag, "\"other\", " + etag, "*")) {
            HttpResponse<byte[]> response = send(request(path).header("If-None-Match", condition));
            assertThat(response.statusCode()).as(condition).isEqualTo(304);
            assertThat(response.body()).isEmpty();
            assertThat(header(response, "ETag")).isEqualTo(etag);
            assertThat(header(response, "Cache-Control")).startsWith("max-age=");
        }
        assertThat(send(request(path).header("If-None-Match", "\"other\"")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void tellsTheSameHeadersToHead() {
        HttpResponse<byte[]> response =
                send(request("/blob/5?size=123456").method("HEAD", HttpRequest.BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Length")).isEqualTo("123456");
        assertThat(response.body()).isEmpty();
    }

    @Test
    void refusesOtherMethods() {
        HttpResponse<byte[]> response = send(request("/clock").DELETE());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(header(response, "Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void countsWhatReachedItByPath() {
        long total = origin.requests();

        get("/catalog/777?a=1");
        get("/catalog/777?a=2");
        JsonNode stats = json(get("/stats"));

        assertThat(origin.requests("/catalog/777")).isEqualTo(2);
        assertThat(stats.get("paths").get("/catalog/777").intValue()).isEqualTo(2);
        assertThat(origin.requests())
                .isEqualTo(total + 3)
                .isEqualTo(stats.get("total").longValue());
        assertThat(origin.requests("/never/asked/for")).isZero();
    }

    @Test
    void answersMoreClientsAtOnceThanItHasThreads() {
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int id = 0; id < 64; id++) {
            answers.add(HTTP.sendAsync(
                    request("/blob/" + id + "?size=300000").build(), HttpResponse.BodyHandlers.ofByteArray()));
        }
        for (int id = 0; id < 64; id++) {
            byte[] body = answers.get(id).join().body();
            assertThat(body).hasSize(300_000);
            assertThat(BlobBytes.firstDifference(id, 0, body)).isEqualTo(-1);
        }
    }

    @Test
    void needsNothingFromElsewhereForItsPage() {
        String html = text(get("/"));

        assertThat(html).contains("<title>Lastref demo</title>", "prefers-color-scheme", "width=device-width");
        assertThat(html).doesNotContainPattern("(src|href)=\"(https?:)?//").doesNotContain("@import", "url(");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path));
    }

    private HttpResponse<byte[]> get(String path) {
        return send(request(path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                .join();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("(none)");
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
