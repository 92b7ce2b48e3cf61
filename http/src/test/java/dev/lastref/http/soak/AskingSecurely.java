package dev.lastref.http.soak;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Over TLS, by HTTP/1.1 or HTTP/2: with the JDK's client, which may be shared. */
final class AskingSecurely implements Asking {
    private static final int SLOW_PIECE = 64 * 1024;
    private static final long SLOW_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final HttpClient client;
    private final String base;

    AskingSecurely(HttpClient client, InetSocketAddress address) {
        this.client = client;
        this.base = "https://127.0.0.1:" + address.getPort();
    }

    @Override
    public Response ask(Question question) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(base + question.resource().target()))
                .method(question.method(), HttpRequest.BodyPublishers.noBody());
        question.fields().forEach(field -> request.header(field[0], field[1]));
        return exchange(request.build(), question);
    }

    @Override
    public Response change(Resource resource) throws IOException, InterruptedException {
        return exchange(
                HttpRequest.newBuilder(URI.create(base + resource.target()))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                null);
    }

    private Response exchange(HttpRequest request, Question question) throws InterruptedException {
        HttpResponse<InputStream> got;
        try {
            got = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException broken) {
            return new Response(0, "", new byte[0], false, RawClient.Ending.RST);
        }
        boolean leaves = question != null && question.leaves();
        boolean slow = question != null && question.slow();
        int most = leaves ? question.leavesAfter() : Integer.MAX_VALUE;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean whole = !leaves;
        try (InputStream in = got.body()) {
            byte[] piece = in.readNBytes(Math.min(SLOW_PIECE, most));
            while (piece.length > 0) {
                body.writeBytes(piece);
                if (slow) {
                    LockSupport.parkNanos(SLOW_PAUSE);
                }
                piece = in.readNBytes(Math.min(SLOW_PIECE, most - body.size()));
            }
        } catch (IOException cut) {
            whole = false;
        }
        StringBuilder head = new StringBuilder("HTTP " + got.statusCode() + "\r\n");
        got.headers()
                .map()
                .forEach((name, values) -> values.forEach(
                        value -> head.append(name).append(": ").append(value).append("\r\n")));
        return new Response(got.statusCode(), head.toString(), body.toByteArray(), whole, RawClient.Ending.OPEN);
    }

    @Override
    public void close() {
        // the client closes what is idle, and is whoever made it's
    }
}
