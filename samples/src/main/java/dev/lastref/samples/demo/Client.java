package dev.lastref.samples.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Asks one server and measures the answers. A failed request ends the tour with what was asked and what came instead. */
final class Client {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI base;

    Client(URI base) {
        this.base = base;
    }

    /** Fetches a path, with its query, to the last byte. */
    Fetched get(String path) throws IOException {
        return get(path, 1).get(0);
    }

    /** Asks for one path so many times at once, each on a connection of its own. */
    List<Fetched> get(String path, int times) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE).build();
        List<CompletableFuture<Timed>> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            answers.add(http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                    .thenApply(response -> new Timed(System.nanoTime() - start, response)));
        }
        List<Fetched> fetched = new ArrayList<>();
        for (CompletableFuture<Timed> answer : answers) {
            fetched.add(fetched(path, request, answer));
        }
        return fetched;
    }

    private static Fetched fetched(String path, HttpRequest request, CompletableFuture<Timed> answer)
            throws IOException {
        Timed timed;
        try {
            timed = answer.join();
        } catch (CompletionException e) {
            throw new IOException("GET " + request.uri() + " failed: " + e.getCause(), e);
        }
        HttpResponse<byte[]> response = timed.response();
        if (response.statusCode() != 200) {
            throw new IOException("GET " + request.uri() + " answered " + response.statusCode() + " instead of 200");
        }
        return new Fetched(path, timed.nanos(), response.body(), CacheStatus.of(response.headers()));
    }

    private record Timed(long nanos, HttpResponse<byte[]> response) {}
}
