package dev.lastref.http.early;

import dev.lastref.bench.jmh.StoredResponses;
import dev.lastref.cache.StoredResponse;
import dev.lastref.http.message.HeadLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reading the head of a plain request, and writing that of its response. In this package since both are nobody else's business. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeadBenchmark {
    private static final String REQUEST = String.join(
            "\r\n",
            "GET /catalogue/items/4711?page=1 HTTP/1.1",
            "Host: www.example.test:8080",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
            "Accept: text/html,*/*;q=0.8",
            "Accept-Language: en",
            "Accept-Encoding: gzip, br",
            "Cookie: session=0123456789abcdef",
            "Sec-Fetch-Mode: navigate",
            "",
            "");

    private final PlainHead request = new PlainHead(HeadLimits.USUAL);
    private final StoredHead response = new StoredHead();
    private final ByteBuffer received = ByteBuffer.allocateDirect(1024).put(StandardCharsets.US_ASCII.encode(REQUEST));

    private @Nullable StoredResponses responses;
    private @Nullable StoredResponse stored;

    @Setup
    public void store() throws IOException {
        responses = new StoredResponses(1);
        stored = responses.find(0);
    }

    @TearDown
    public void close() {
        if (responses != null) {
            responses.close();
        }
    }

    @Benchmark
    public String read() {
        if (request.read(received, 0, REQUEST.length()) != REQUEST.length()) {
            throw new IllegalStateException("not plain");
        }
        return request.target();
    }

    @Benchmark
    public ByteBuffer writeWhole() {
        return write(200).line("Content-Length", 1024).end();
    }

    @Benchmark
    public ByteBuffer writeNotModified() {
        return write(304).end();
    }

    private HeadWriter write(int status) {
        StoredResponse found = stored;
        if (found == null) {
            throw new IllegalStateException("not set up");
        }
        return response.begin(found, status, null, System.nanoTime());
    }
}
