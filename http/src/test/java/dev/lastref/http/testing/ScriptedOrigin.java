package dev.lastref.http.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An origin of raw sockets: for each path a script says which bytes it sends, when, and how the connection ends. It counts requests and
 * keeps their bytes. A thread for each connection; a script that leaves the connection open gets its next request.
 */
public final class ScriptedOrigin implements AutoCloseable {
    /** What the origin does with one request. */
    public interface Script {
        void play(Call call) throws IOException, InterruptedException;
    }

    /**
     * A request as it came.
     *
     * @param head request line and fields, without the empty line
     * @param port of the connection's other end: tells connections apart
     */
    public record Request(String head, int port) {
        public String line() {
            return head.lines().findFirst().orElse("");
        }

        /** The values of a field, in their order. */
        public List<String> all(String name) {
            String start = name.toLowerCase(java.util.Locale.ROOT) + ":";
            return head.lines()
                    .skip(1)
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .toList();
        }

        String target() {
            String[] words = line().split(" ");
            return words.length > 1 ? words[1] : "";
        }
    }

    private final ServerSocket listener;
    private final Map<String, Queue<Script>> scripts = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedDeque<>();

    private ScriptedOrigin(ServerSocket listener) {
        this.listener = listener;
        startThread(this::accept, "scripted-origin");
    }

    public static ScriptedOrigin start() {
        try {
            return new ScriptedOrigin(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Programs a path. Of several scripts each answers one request, and the last one all that follow. */
    public ScriptedOrigin on(String target, Script... inTurn) {
        scripts.put(target, new ConcurrentLinkedDeque<>(List.of(inTurn)));
        return this;
    }

    /** Answers 200 with this Cache-Control and content of known length, and keeps the connection. */
    public static Script ok(String cacheControl, byte[] content, String... fields) {
        return call -> call.send(head(cacheControl, content.length, fields)).send(content);
    }

    /** The head of a 200 with a Content-Length. */
    public static String head(String cacheControl, long length, String... fields) {
        return "HTTP/1.1 200 OK\r\nCache-Control: " + cacheControl + "\r\nContent-Length: " + length + "\r\n"
                + lines(fields) + "\r\n";
    }

    /** The head of a 200 with chunked content. */
    public static String chunkedHead(String cacheControl, String... fields) {
        return "HTTP/1.1 200 OK\r\nCache-Control: " + cacheControl + "\r\nTransfer-Encoding: chunked\r\n"
                + lines(fields) + "\r\n";
    }

    private static String lines(String... fields) {
        return fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** All requests so far, in the order in which their heads came. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public List<Request> requests(String target) {
        return requests.stream()
                .filter(request -> request.target().equals(target))
                .toList();
    }

    public int count(String target) {
        return requests(target).size();
    }

    /** Connections that are open now. */
    public int openConnections() {
        return connections.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.add(socket);
                startThread(() -> serve(socket), "scripted-origin-" + socket.getPort());
            }
        } catch (IOException closed) {
            // by close()
        }
    }

    private void startThread(Runnable run, String name) {
        Thread thread = new Thread(run, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void serve(Socket socket) {
        try (socket) {
            Call call = new Call(socket);
            while (call.next()) {
                requests.add(call.request());
                Queue<Script> queue = scripts.get(call.request().target());
                if (queue == null) {
                    call.send("HTTP/1.1 404 Not Scripted\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }
                Script script = queue.size() > 1 ? queue.remove() : queue.element();
                script.play(call);
                if (socket.isClosed()) {
                    return;
                }
                call.body();
            }
        } catch (IOException broken) {
            // The other side may go whenever it likes; a test that minds sees it there.
        } catch (InterruptedException | RuntimeException | AssertionError e) {
            failures.add(e);
        } finally {
            connections.remove(socket);
        }
    }

    /** Ends everything; throws if a script failed on its own account. */
    @Override
    public void close() {
        try {
            listener.close();
            for (Socket connection : connections) {
                connection.close();
            }
            for (Thread thread : threads) {
                thread.interrupt();
                thread.join(10_000);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        failures.removeIf(InterruptedException.class::isInstance);
        if (!failures.isEmpty()) {
            throw new AssertionError("a script failed", failures.peek());
        }
    }

    /** One connection, and the request on it that is being answered. */
    public static final class Call {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private Request request = new Request("", 0);
        private byte[] body;
        private long sent;

        Call(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new java.io.BufferedInputStream(socket.getInputStream(), 64 * 1024);
            this.out = socket.getOutputStream();
            socket.setTcpNoDelay(true);
        }

        boolean next() throws IOException {
            body = null;
            String head = readHead();
            request = new Request(head, socket.getPort());
            return !head.isEmpty();
        }

        private String readHead() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                head.write(b);
                String text = b == '\n' ? head.toString(ISO_8859_1) : "";
                if (text.endsWith("\r\n\r\n")) {
                    return text.substring(0, text.length() - 4);
                }
            }
            return "";
        }

        public Request request() {
            return request;
        }

        public Socket socket() {
            return socket;
        }

        public InputStream in() {
            return in;
        }

        /** The request's content, read when first asked for. EOFException if it ends before it should. */
        public byte[] body() throws IOException {
            if (body == null) {
                body = readBody();
            }
            return body;
        }

        private byte[] readBody() throws IOException {
            if (!request.all("Transfer-Encoding").isEmpty()) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int n = chunkLength(); ; n = chunkLength()) {
                    all.write(exactly(n));
                    line();
                    if (n == 0) {
                        return all.toByteArray();
                    }
                }
            }
            List<String> length = request.all("Content-Length");
            return length.isEmpty() ? new byte[0] : exactly(Integer.parseInt(length.get(0)));
        }

        private int chunkLength() throws IOException {
            return Integer.parseInt(line().split(";")[0].strip(), 16);
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new java.io.EOFException("within a line of the request's content");
                }
                line.append((char) b);
            }
            return line.toString().strip();
        }

        private byte[] exactly(int length) throws IOException {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new java.io.EOFException(bytes.length + " of " + length + " bytes of the request's content");
            }
            return bytes;
        }

        public Call send(String text) throws IOException {
            return send(text.getBytes(ISO_8859_1));
        }

        public Call send(byte[] bytes) throws IOException {
            return send(bytes, 0, bytes.length);
        }

        public Call send(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            sent += length;
            return this;
        }

        public Call sendChunk(byte[] bytes) throws IOException {
            ByteArrayOutputStream chunk = new ByteArrayOutputStream();
            chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(ISO_8859_1));
            chunk.writeBytes(bytes);
            chunk.writeBytes("\r\n".getBytes(ISO_8859_1));
            return send(chunk.toByteArray());
        }

        public Call sendLastChunk() throws IOException {
            return send("0\r\n\r\n");
        }

        /** Bytes that the kernel has taken on this connection. */
        public long sent() {
            return sent;
        }

        /** Ends the connection in order. */
        public void close() throws IOException {
            socket.shutdownOutput();
            socket.close();
        }

        /** Breaks it. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
