package dev.lastref.http.soak;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Over connections of HTTP/1.1 that are kept. */
final class AskingRaw implements Asking {
    private static final int RECEIVE_BUFFER = 16 * 1024;
    private static final int SLOW_PIECE = 64 * 1024;
    private static final long SLOW_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final InetSocketAddress address;
    private RawClient connection;

    AskingRaw(InetSocketAddress address) {
        this.address = address;
    }

    @Override
    public Response ask(Question question) throws IOException {
        StringBuilder fields = new StringBuilder();
        question.fields()
                .forEach(field ->
                        fields.append(field[0]).append(": ").append(field[1]).append("\r\n"));
        return exchange(
                question,
                question.method() + " " + question.resource().target() + " HTTP/1.1\r\nHost: test\r\n" + fields
                        + "\r\n");
    }

    @Override
    public Response change(Resource resource) throws IOException {
        return exchange(null, "POST " + resource.target() + " HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    }

    private Response exchange(Question question, String request) throws IOException {
        boolean slow = question != null && question.slow();
        if (slow) {
            close();
        }
        if (connection == null) {
            connection = RawClient.connect(address, slow ? RECEIVE_BUFFER : 0);
        }
        Response got;
        try {
            connection.send(request);
            Response head = connection.head();
            String method = question == null ? "POST" : question.method();
            if (question != null && question.leaves() && head.status() == 200) {
                byte[] came = connection.read(question.leavesAfter());
                got = cut(head, head.first("Content-Length") == null ? new byte[0] : came); // chunks are among it
                connection.reset();
                connection = null;
                return got;
            }
            got = slow && head.first("Content-Length") != null && head.status() / 100 == 2 && !method.equals("HEAD")
                    ? readSlowly(head)
                    : connection.content(head, method);
        } catch (SocketException clientWasLate) {
            close();
            return cut(null, new byte[0]);
        }
        if (got.status() == 0 || !got.whole() || "close".equalsIgnoreCase(got.first("Connection")) || slow) {
            close();
        }
        return got;
    }

    private Response readSlowly(Response head) throws IOException {
        int length = Integer.parseInt(head.first("Content-Length"));
        ByteArrayOutputStream body = new ByteArrayOutputStream(length);
        byte[] piece = connection.read(Math.min(length, SLOW_PIECE));
        while (piece.length > 0) {
            body.writeBytes(piece);
            LockSupport.parkNanos(SLOW_PAUSE);
            piece = connection.read(Math.min(length - body.size(), SLOW_PIECE));
        }
        return new Response(head.status(), head.head(), body.toByteArray(), body.size() == length, connection.ending());
    }

    /** What came of a response, which ended before its end. */
    private static Response cut(Response head, byte[] body) {
        return head == null
                ? new Response(0, "", body, false, RawClient.Ending.RST)
                : new Response(head.status(), head.head(), body, false, RawClient.Ending.OPEN);
    }

    @Override
    public void close() throws IOException {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
