package dev.lastref.http.soak;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An origin that now and then breaks off, says too much, says nothing, or fails. What it says of a version of a resource is always
 * the same. A thread for each connection.
 */
final class SoakOrigin implements AutoCloseable {
    static final String VERSION = "X-Version";
    /** What it says behind a response that was too long: whoever gets to see it was given what nobody asked for. */
    private static final String TOO_MUCH =
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 6\r\nETag: \"0-0-poison\"\r\n\r\npoison";

    private static final int PIECE = 50_000;

    /** What becomes of a response. */
    private enum Fate {
        HONEST,
        SLOW,
        CUT,
        RESET,
        TOO_LONG,
        FAILED,
        SILENT;

        static Fate next(Random random) {
            int n = random.nextInt(100);
            return n < 12 ? values()[1 + n / 2] : n < 30 ? SLOW : HONEST;
        }
    }

    private enum Framing {
        LENGTH,
        CHUNKED,
        CLOSE
    }

    private final List<Resource> resources;
    private final long seed;
    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();

    SoakOrigin(List<Resource> resources, long seed) throws IOException {
        this.resources = resources;
        this.seed = seed;
        this.listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void start(Runnable run) {
        Thread thread = new Thread(run, "soak-origin");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void accept() {
        try {
            for (int i = 0; ; i++) {
                Socket socket = listener.accept();
                connections.add(socket);
                Random random = new Random(seed + i);
                start(() -> serve(socket, random));
            }
        } catch (IOException closed) {
            // by close()
        }
    }

    private void serve(Socket socket, Random random) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Connection connection = new Connection(socket, random);
            for (Map<String, String> request = head(in); !request.isEmpty(); request = head(in)) {
                in.skipNBytes(Long.parseLong(request.getOrDefault("content-length", "0")));
                if (!connection.answer(request)) {
                    return;
                }
            }
        } catch (IOException broken) {
            // by the other side
        } catch (RuntimeException | Error e) {
            faults.add(e);
        } finally {
            connections.remove(socket);
        }
    }

    /** Fields by their names in lower case; the request line's words as ":method" and ":target". */
    private static Map<String, String> head(InputStream in) throws IOException {
        Map<String, String> head = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (head.isEmpty()) {
                String[] words = line.split(" ");
                head.put(":method", words[0]);
                head.put(":target", words[1]);
            } else {
                int colon = line.indexOf(':');
                head.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return head;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.append((char) b);
        }
        return line.toString().strip();
    }

    /** Ends everything; throws if it was asked something that it should not have been. */
    @Override
    public void close() throws IOException, InterruptedException {
        listener.close();
        for (Socket connection : connections) {
            connection.close();
        }
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
            thread.join(10_000);
        }
        if (!faults.isEmpty()) {
            throw new AssertionError("the origin", faults.peek());
        }
    }

    private final class Connection {
        private final Socket socket;
        private final OutputStream out;
        private final Random random;

        Connection(Socket socket, Random random) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
            this.random = random;
        }

        /** Returns whether the connection goes on. */
        boolean answer(Map<String, String> request) throws IOException {
            Resource asked =
                    resources.get(Integer.parseInt(request.get(":target").substring("/r/".length())));
            Fate fate = Fate.next(random);
            if (request.get(":method").equals("POST")) {
                return answerPost(asked, fate);
            }
            if (fate == Fate.SILENT) {
                return false;
            }
            if (fate == Fate.FAILED) {
                send("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\nfailed");
                return true;
            }
            String language = request.getOrDefault("accept-language", "");
            int version = asked.version();
            String tag = asked.tag(version, language);
            String common = "ETag: " + tag + "\r\nCache-Control: "
                    + asked.terms().cacheControl()
                    + "\r\nSurrogate-Key: " + asked.surrogateKey() + (asked.varies() ? "\r\nVary: Accept-Language" : "")
                    + "\r\nX-Target: " + asked.target() + "\r\n";
            if (fate == Fate.SLOW) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(40)));
            }
            if (request.getOrDefault("if-none-match", "").contains(tag)) {
                send("HTTP/1.1 304 Not Modified\r\n" + common + "\r\n");
                return true;
            }
            return content(request, asked, version, language, common, fate);
        }

        private boolean answerPost(Resource changed, Fate fate) throws IOException {
            int version = changed.change();
            if (fate == Fate.SILENT) {
                return false;
            }
            send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + VERSION + ": " + version + "\r\n\r\n");
            return true;
        }

        private boolean content(
                Map<String, String> request, Resource asked, int version, String language, String common, Fate fate)
                throws IOException {
            int length = asked.length(version);
            int from = 0;
            int to = length;
            String status = "200 OK\r\n";
            String[] range =
                    request.getOrDefault("range", "").replace("bytes=", "").split("-", 2);
            boolean ranged = range.length == 2
                    && !range[0].isEmpty()
                    && !range[1].isEmpty()
                    && !request.containsKey("if-range")
                    && random.nextBoolean();
            if (ranged) {
                from = Integer.parseInt(range[0]);
                to = Math.min(length, Integer.parseInt(range[1]) + 1);
                status = "206 Partial Content\r\nContent-Range: bytes " + from + "-" + (to - 1) + "/" + length + "\r\n";
            }
            byte[] content = asked.content(version, language, from, to - from);
            Framing framing = Framing.values()[random.nextInt(20) > 0 ? random.nextInt(2) : 2];
            send("HTTP/1.1 " + status + common
                    + switch (framing) {
                        case LENGTH -> "Content-Length: " + content.length + "\r\n\r\n";
                        case CHUNKED -> "Transfer-Encoding: chunked\r\n\r\n";
                        case CLOSE -> "Connection: close\r\n\r\n";
                    });
            if (request.get(":method").equals("HEAD")) {
                return framing != Framing.CLOSE;
            }
            return content(content, framing, fate);
        }

        private boolean content(byte[] content, Framing framing, Fate fate) throws IOException {
            boolean breaks = fate == Fate.RESET || (fate == Fate.CUT && framing != Framing.CLOSE);
            int end = breaks ? random.nextInt(content.length) : content.length - 1;
            for (int at = 0; at < end; at += PIECE) {
                send(content, at, Math.min(PIECE, end - at), framing, "");
                if (fate == Fate.SLOW) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(60)));
                }
            }
            if (fate == Fate.RESET) {
                socket.setSoLinger(true, 0);
            }
            if (breaks) {
                return false;
            }
            // With the last byte: what comes later, when the connection may be in use again, nobody could tell from an
            // answer.
            boolean tooLong = fate == Fate.TOO_LONG && framing != Framing.CLOSE;
            String behind = (framing == Framing.CHUNKED ? "0\r\n\r\n" : "") + (tooLong ? TOO_MUCH : "");
            send(content, end, 1, framing, behind);
            return framing != Framing.CLOSE;
        }

        /** In one write. */
        private void send(byte[] content, int from, int length, Framing framing, String behind) throws IOException {
            boolean chunk = framing == Framing.CHUNKED;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(length + 200);
            bytes.writeBytes((chunk ? Integer.toHexString(length) + "\r\n" : "").getBytes(ISO_8859_1));
            bytes.write(content, from, length);
            bytes.writeBytes(((chunk ? "\r\n" : "") + behind).getBytes(ISO_8859_1));
            bytes.writeTo(out);
        }

        private void send(String text) throws IOException {
            out.write(text.getBytes(ISO_8859_1));
        }
    }
}
