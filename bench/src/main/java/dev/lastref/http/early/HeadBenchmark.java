package dev.lastref.http.early;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

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
    private static final String[] FIELDS = {
        "Server", "nginx/1.22.1",
        "Date", "Sun, 22 Nov 2026 07:51:16 GMT",
        "Content-Type", "application/octet-stream",
        "Last-Modified", "Sun, 22 Nov 2026 01:00:59 GMT",
        "ETag", "\"6b023ecb-400\"",
        "Cache-Control", "max-age=36000",
        "Accept-Ranges", "bytes"
    };

    private final PlainHead request = new PlainHead();
    private final HeadWriter response = new HeadWriter();
    private final ByteBuffer received = ByteBuffer.allocateDirect(1024).put(StandardCharsets.US_ASCII.encode(REQUEST));

    @Benchmark
    public String read() {
        if (!request.read(received, 0, REQUEST.length())) {
            throw new IllegalStateException("not plain");
        }
        return request.target();
    }

    @Benchmark
    public ByteBuffer write() {
        response.begin(200);
        for (int i = 0; i < FIELDS.length; i += 2) {
            response.line(FIELDS[i], FIELDS[i + 1]);
        }
        return response.line("Cache-Status", "lastref; hit; ttl=35990")
                .line("Age", 10)
                .line("Content-Length", 1024)
                .end();
    }
}
